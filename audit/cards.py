from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from audit import queries, registry
from audit.models import AuditLog
from opsportal import clock
from opsportal.components import Event
from opsportal.frame import Fact, Part

SHOWN = 8
# Routine acts are left out of the newest rows only, so that a busy day costs the card no more than a quiet one.
LOOKED_AT = 200


def changed_card(request: HttpRequest) -> Part | None:
    """Today's card of the last acts that were not routine."""
    if not request.user.has_perm("audit.view"):
        return None
    rows = queries.recent(LOOKED_AT, since=clock.now() - timedelta(hours=24))
    shown = [row for row in rows if not registry.is_routine(row.action_type)][:SHOWN]
    return Part("audit/_changed_card.html", {"events": [_event(row) for row in shown], "routine_only": bool(rows) and not shown})


def seal_fact(request: HttpRequest) -> Fact | None:
    """Only when sealing is behind: a row that nobody has sealed could still be changed unseen."""
    if not request.user.has_perm("audit.view") or not (since := queries.behind_since()):
        return None
    local = localtime(since)
    at = date_format(local, "TIME_FORMAT" if local.date() == clock.today() else "SHORT_DATETIME_FORMAT")
    return Fact(_("Audit log"), _("not sealed since %(at)s") % {"at": at}, "warn", reverse("audit_seals"))


def _event(row: AuditLog) -> Event:
    what = registry.label(row.action_type)
    who = row.actor_label or str(row.get_actor_kind_display())
    on = row.entity_label or row.entity_id
    detail = _("%(who)s: %(reason)s") % {"who": who, "reason": row.reason} if row.reason else who
    text = f"{what}: {on}" if on else what
    return Event(row.created_at, text[:1].upper() + text[1:], detail, icon="note", url=reverse("audit_row", args=[row.pk]))
