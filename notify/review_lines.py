"""The line of the reviews about the outbox as a whole. The alerts of households have their own (catalog/review_jobs.py)."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notify import queries
from opsportal.lines import EVENING, Act, Answer, Line, Link, State, register_line
from opsportal.words import Figure, Words, counted, listed, said

LATE = timedelta(minutes=15)


def register() -> None:
    register_line(
        Line("notify-dead", "day", _("Messages that reached nobody"), _("none; late after 15 minutes"), undelivered, "notify.view",
             reviews=(EVENING,), order=20, limit=0)
    )  # fmt: skip


def undelivered() -> Answer:
    """Its figure: those that were given up."""
    found, url = queries.figures(), reverse("notify")
    late = found.oldest_wait is not None and found.oldest_wait > LATE
    if not found.dead and not late:
        return Answer(State.OK, Figure(0), said("Nothing is late, and nothing was given up."), (Link(said("Outbox"), url),))
    links = [Link(said("Given up"), f"{url}?state=dead")] if found.dead else []
    acts = (Act(said("Try again"), f"{reverse('notify_retry_all')}?state=dead", "notify.retry"),) if found.dead else ()
    waiting = Link(said("Waiting"), f"{url}?state=waiting")
    return Answer(State.FAIL if found.dead else State.WARN, Figure(found.dead), _words(found, late=late), (*links, waiting), acts)


def _words(found: queries.Figures, *, late: bool) -> Words:
    parts = []
    if found.dead:
        parts.append(counted("%(count)s message was given up.", "%(count)s messages were given up.", found.dead))
    if late and found.oldest_wait is not None:
        minutes = int(found.oldest_wait.total_seconds() // 60)
        parts.append(said("The one that waits longest has waited for %(minutes)s minutes.", minutes=minutes))
    if found.dead >= queries.MOST_COUNTED:
        parts.append(said("There are more than were counted."))
    return Words("%(all)s", {"all": listed(parts, by=" ")})
