from datetime import timedelta

import structlog
from django.db import DatabaseError, InterfaceError, transaction

from audit.actions import record
from audit.actors import Actor
from beta.action_types import BetaAction
from beta.models import Refusal
from opsportal import clock

log = structlog.get_logger("beta.gate")
# Longer than any beta, so that its final figures are whole.
KEPT = timedelta(days=90)
MOST_REMOVED = 10_000


def record_refusal(*, code: str, household_key: str = "", invite_code: str = "", client_label: str = "") -> None:
    """Keep an attempt that got no seat, for the beta page's figures. Never turns a refusal into an error of its own."""
    ip = structlog.contextvars.get_contextvars().get("ip") or None
    try:
        Refusal.objects.create(code=code, household_key=household_key[:100], invite_code=invite_code[:40], client_label=client_label[:100], ip=ip)
    except (DatabaseError, InterfaceError) as error:
        log.warning("refusal not kept", code=code, error=str(error))


@transaction.atomic
def purge_refusals(*, actor: Actor, limit: int = MOST_REMOVED) -> int:
    """Remove refusals of more than 90 days ago, oldest first: they hold addresses. Leaves no audit row where there was nothing to remove."""
    old = Refusal.objects.filter(at__lt=clock.now() - KEPT).order_by("at").values_list("pk", flat=True)[:limit]
    removed, _by_model = Refusal.objects.filter(pk__in=list(old)).delete()
    if removed:
        record(actor=actor, action_type=BetaAction.PURGE_REFUSALS, entity_type="program", entity_id=1, changes={"refusals": (removed, 0)})
    return removed
