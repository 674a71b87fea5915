from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import registry
from audit.models import AuditLog
from notify.models import Attempt, Message, State
from notify.queries import MOST_COUNTED, Figures, is_claimed
from opsportal.components import Chip, Event, Tile

LONG_WAIT_MINUTES = 15
MOST_ATTEMPTS_SHOWN = 50


def state_chips(request: HttpRequest) -> list[Chip]:
    """One of the states at most; the other filters stay."""
    made = []
    for state in State:
        query = request.GET.copy()
        on = query.get("state") == state.value
        for name in ("cursor", "state"):
            query.pop(name, None)
        if not on:
            query["state"] = state.value
        made.append(Chip(state.label, f"?{query.urlencode()}" if query else request.path, on))
    return made


def tiles(figures: Figures) -> list[Tile]:
    url, minutes = reverse("notify"), round(figures.oldest_wait.total_seconds() / 60) if figures.oldest_wait else 0
    late, dead = minutes >= LONG_WAIT_MINUTES, figures.dead > 0
    return [
        Tile(_("Waiting"), counted(figures.waiting), ngettext("message", "messages", figures.waiting), "ok", _("ok"), _("sent or tried again by themselves"), f"{url}?state=waiting"),
        Tile(
            _("Waits longest"), str(minutes) if figures.oldest_wait else "–", _("min") if figures.oldest_wait else "",
            "warn" if late else "ok", _("late") if late else _("ok"), _("late after %(minutes)s min") % {"minutes": LONG_WAIT_MINUTES}, f"{url}?state=waiting",
        ),
        Tile(_("Dead"), counted(figures.dead), ngettext("message", "messages", figures.dead), "fail" if dead else "ok", _("for a person") if dead else _("ok"), _("should be 0"), f"{url}?state=dead"),
    ]  # fmt: skip


def counted(number: int) -> str:
    return f"{number}+" if number >= MOST_COUNTED else str(number)


def attempts_of(message: Message) -> list[Event]:
    """The tries as lines of a timeline, the newest first."""
    return [_line(attempt, message) for attempt in message.tries.order_by("-number")[:MOST_ATTEMPTS_SHOWN]]


def _line(attempt: Attempt, message: Message) -> Event:
    number = {"number": attempt.number}
    if attempt.ok is None:
        running = attempt.number == message.attempts and is_claimed(message)
        text = _("No. %(number)s is under way") if running else _("No. %(number)s ended with its worker; whether it arrived is not known")
        return Event(attempt.began_at, text % number, tone="unknown")
    took = _("%(milliseconds)s ms") % {"milliseconds": attempt.milliseconds}
    if attempt.ok:
        status = f"{attempt.status}, " if attempt.status else ""
        return Event(attempt.began_at, _("No. %(number)s sent") % number, f"{status}{took}", tone="ok")
    return Event(attempt.began_at, _("No. %(number)s failed") % number, f"{attempt.error} {took}", tone="fail")


def events_of(rows: Iterable[AuditLog]) -> list[Event]:
    """Audit rows as lines of a timeline."""
    return [
        Event(
            row.created_at, f"{row.actor_label}: {registry.label(row.action_type)}", row.reason, icon="audit", url=reverse("audit_row", args=[row.pk])
        )
        for row in rows
    ]
