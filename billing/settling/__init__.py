"""The one place that writes what the providers say: it locks, merges, decides and writes in one transaction."""

from billing.settling.cause import Cause, CauseKind
from billing.settling.changing import FieldChange
from billing.settling.decision import Decision, decide
from billing.settling.sides import Ours, read_ours
from billing.settling.writing import settle

__all__ = ["Cause", "CauseKind", "Decision", "FieldChange", "Ours", "decide", "read_ours", "settle"]
