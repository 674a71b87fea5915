from collections.abc import Iterable

from django.template.defaultfilters import date as date_filter
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from audit import registry
from audit.models import AuditLog
from opsportal.components import Event

TONES = {"TURN_SWITCH_OFF": "off", "TURN_SWITCH_ON": "ok", "SWITCH_ON_AGAIN": "ok"}
ICONS = {"ADD_SWITCH": "plus", "DESCRIBE_SWITCH": "note", "REMOVE_SWITCH": "close", "CHANGE_SWITCH_END": "clock"}


def events_of(rows: Iterable[AuditLog]) -> list[Event]:
    """A switch's history, from its audit rows."""
    return [
        Event(
            row.created_at, _("%(who)s %(did)s") % {"who": row.actor_label, "did": registry.label(row.action_type)}, _detail(row),
            icon=ICONS.get(row.action_type, "audit"), tone=TONES.get(row.action_type, ""), url=reverse("audit_row", args=[row.pk]),
        )
        for row in rows
    ]  # fmt: skip


def _detail(row: AuditLog) -> str:
    """Why, until when, and the version that readers got with it."""
    parts = [row.reason]
    until = parse_datetime(str(row.changes.get("off_until", ["", ""])[1] or ""))
    if until:
        parts.append(_("until %(when)s") % {"when": date_filter(localtime(until), "SHORT_DATETIME_FORMAT")})
    if version := row.changes.get("version", ["", ""])[1]:
        parts.append(_("version %(version)s") % {"version": version})
    return " · ".join(part for part in parts if part)
