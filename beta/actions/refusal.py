import structlog
from django.db import DatabaseError, InterfaceError

from beta.models import Refusal

log = structlog.get_logger("beta.gate")


def record_refusal(*, code: str, household_key: str = "", invite_code: str = "", client_label: str = "") -> None:
    """Keep an attempt that got no seat, for the beta page's figures. Never turns a refusal into an error of its own."""
    ip = structlog.contextvars.get_contextvars().get("ip") or None
    try:
        Refusal.objects.create(code=code, household_key=household_key[:100], invite_code=invite_code[:40], client_label=client_label[:100], ip=ip)
    except (DatabaseError, InterfaceError) as error:
        log.warning("refusal not kept", code=code, error=str(error))
