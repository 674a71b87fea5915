"""Why something is settled: what the audit row and the plan's own row say."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from billing.action_types import BillingAction


class CauseKind(TextChoices):
    EVENT = "event", _("a webhook event")
    SWEEP = "sweep", _("the sweep")
    RECONCILE = "reconcile", _("a person's reconciliation")
    LINK = "link", _("the checkout got its customer")
    RECORD = "record", _("the checkout was recorded")


@dataclass(frozen=True, slots=True)
class Cause:
    """`reason` is a person's; `event_pk` a webhook event's."""

    kind: CauseKind
    event_pk: int | None = None
    reason: str = ""
    action_type: BillingAction = BillingAction.SETTLE_PAYMENT
