"""One checkout: snapshot() reads all sides, diagnose() says what is wrong, apply_reconciliation() puts right what the person saw."""

from billing.reconciling.applying import Applied, apply_reconciliation
from billing.reconciling.diagnosis import Diagnosis, diagnose
from billing.reconciling.shape import Snapshot, digest
from billing.reconciling.snapshot import snapshot

__all__ = ["Applied", "Diagnosis", "Snapshot", "apply_reconciliation", "diagnose", "digest", "snapshot"]
