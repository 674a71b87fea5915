from collections.abc import Iterable

from django.template.defaultfilters import date as date_filter
from django.urls import reverse
from django.utils.translation import gettext as _

from audit import registry
from audit.models import AuditLog
from beta.queries.desk import Desk
from opsportal import charts
from opsportal.components import Event

ICONS = {"STOP_SIGNUPS": "stop", "RESUME_SIGNUPS": "resume", "CLAIM_SEAT": "person", "CREATE_INVITES": "invite", "REVOKE_INVITE": "invite"}


def per_day(desk: Desk) -> charts.Chart | None:
    """Seats per day as bars, with what the forecast expects outlined; None without a first day."""
    days = desk.days
    if not days:
        return None
    points = [(date_filter(day.on, "D j"), float(day.seats) if day.is_past or day.is_today else None) for day in days]
    now = next((place for place, day in enumerate(days) if day.is_today), None)
    title = _("Seats taken on each day of the program: %(total)s so far, %(today)s of them today") % {
        "total": desk.program.seats_taken,
        "today": desk.today,
    }
    return charts.bars(title, points, columns=(_("Day"), _("Seats")), now=now, expected=_expected(desk))


def _expected(desk: Desk) -> list[float | None]:
    """Today and the days to come, at the forecast's pace, until the seats are used up."""
    if desk.forecast is None:
        return []
    left, expected = desk.free + desk.today, []
    for day in desk.days:
        share = 0 if day.is_past else min(desk.forecast.pace, left)
        left -= share
        expected.append(float(share) if share else None)
    return expected


def events_of(rows: Iterable[AuditLog]) -> list[Event]:
    """Audit rows as lines of a timeline."""
    return [
        Event(
            row.created_at,
            f"{row.actor_label}: {registry.label(row.action_type)}",
            row.reason or row.entity_label,
            icon=ICONS.get(row.action_type, "audit"),
            url=reverse("audit_row", args=[row.pk]),
        )
        for row in rows
    ]
