"""What people and clients changed in the last 24 hours, by day. From the newest rows of the audit log only: a busy day costs no more."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from audit import registry
from audit.models import AuditLog
from audit.queries import recent_acts
from opsportal import clock
from opsportal.components import Event

SHOWN = 12
# Of each kind of actor, so many rows are looked at for acts that are no routine.
LOOKED_AT = 100
ICONS = {
    "switch": "switches", "program": "beta", "invite": "invite", "household": "beta", "person": "person", "api_client": "access", "offer": "catalog",
    "product": "catalog", "store": "catalog", "import": "catalog", "review": "reviews", "job": "jobs", "run": "jobs", "checkout": "billing",
    "payment": "billing", "finding": "billing", "plan": "billing", "customer": "billing", "shift": "person", "handover": "note",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    is_today: bool
    events: tuple[Event, ...]


def changes_of(request: HttpRequest) -> list[Day]:
    """The newest first; SHOWN at most. One query."""
    if not request.user.has_perm("audit.view"):
        return []
    rows = recent_acts(LOOKED_AT, since=clock.now() - timedelta(hours=24))
    shown = [row for row in rows if not registry.is_routine(row.action_type)][:SHOWN]
    today = clock.today()
    days = groupby(shown, key=lambda row: localtime(row.created_at).date())
    return [Day(on, on == today, tuple(_event(row) for row in of_day)) for on, of_day in days]


def _event(row: AuditLog) -> Event:
    what = registry.label(row.action_type)
    who = row.actor_label or str(row.get_actor_kind_display())
    on = row.entity_label or row.entity_id
    detail = _("%(who)s: %(reason)s") % {"who": who, "reason": row.reason} if row.reason else who
    text = f"{what}: {on}" if on else what
    icon = ICONS.get(row.entity_type, "note")
    return Event(row.created_at, text[:1].upper() + text[1:], detail, icon=icon, url=reverse("audit_row", args=[row.pk]))
