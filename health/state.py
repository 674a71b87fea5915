"""How a ping stands now. Pure: from the row and a moment; nothing here asks the database or writes."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from health.models import Ping, Verdict, Why
from health.schedule import expected_after


class State(TextChoices):
    NEW = "new", pgettext_lazy("ping", "new")
    UP = "up", pgettext_lazy("ping", "up")
    STARTED = "started", pgettext_lazy("ping", "running")
    LATE = "late", pgettext_lazy("ping", "late")
    DOWN = "down", pgettext_lazy("ping", "down")
    PAUSED = "paused", pgettext_lazy("ping", "paused")


# New is not known: never green before it was heard of.
TONES = {State.NEW: "unknown", State.UP: "ok", State.STARTED: "ok", State.LATE: "warn", State.DOWN: "fail", State.PAUSED: "off"}


@dataclass(frozen=True, slots=True)
class Standing:
    """`since` and `why` belong to the state; `why` is empty where there is nothing to explain."""

    state: State
    since: datetime | None = None
    why: str = ""
    exit_status: int | None = None
    is_running: bool = False

    @property
    def tone(self) -> str:
        return TONES[self.state]


def standing(ping: Ping, now: datetime) -> Standing:
    """The state at `now`. A deadline that has passed is down, whether or not anybody has written that down yet."""
    running = ping.running_since is not None
    if ping.paused_at is not None:
        return Standing(State.PAUSED, ping.paused_at)
    if ping.verdict == Verdict.DOWN:
        return Standing(State.DOWN, ping.verdict_at, ping.why, ping.exit_status, running)
    if ping.deadline is not None and now >= ping.deadline:
        return Standing(State.DOWN, ping.deadline, overdue_why(ping), is_running=running)
    if running:
        return Standing(State.STARTED, ping.running_since, is_running=True)
    if ping.expected_at is not None and now >= ping.expected_at:
        return Standing(State.LATE, ping.expected_at)
    return Standing(State.UP if ping.verdict == Verdict.UP else State.NEW, ping.verdict_at, ping.why)


def overdue_why(ping: Ping) -> Why:
    """What the deadline is about: a run that lasts too long, or a call that did not come."""
    ran_out = ping.running_since is not None and ping.deadline == ping.running_since + ping.grace
    return Why.OVERRUN if ran_out else Why.LATE


def set_moments(ping: Ping) -> None:
    """Compute `expected_at` and `deadline` anew from everything else. Changes the object only."""
    ping.expected_at = ping.deadline = None
    if ping.paused_at is not None or ping.verdict == Verdict.DOWN:
        return
    if ping.counted_from is not None:
        ping.expected_at = expected_after(ping, ping.counted_from)
    ends = [moment + ping.grace for moment in (ping.expected_at, ping.running_since) if moment is not None]
    ping.deadline = min(ends, default=None)
