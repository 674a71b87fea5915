"""From one verdict to another: written once, with the row locked, and told outside in the same transaction."""

from datetime import datetime

from health.alerts import tell
from health.models import Ping, PingFlip, Verdict, Why
from health.state import overdue_why


def flip(ping: Ping, after: Verdict, *, at: datetime, why: Why, exit_status: int | None = None) -> None:
    """Give the ping its new verdict and write that down. The caller holds the row's lock and saves the row."""
    before = Verdict(ping.verdict)
    ping.why, ping.exit_status = why, exit_status
    if before == after:
        return
    ping.verdict, ping.verdict_at = after, at
    tell(PingFlip.objects.create(ping=ping, at=at, before=before, after=after, why=why, exit_status=exit_status))


def flip_if_overdue(ping: Ping, now: datetime) -> None:
    """A deadline that passed while nobody looked made it down then, whatever comes now."""
    if ping.deadline is not None and now >= ping.deadline and ping.verdict != Verdict.DOWN:
        flip(ping, Verdict.DOWN, at=ping.deadline, why=overdue_why(ping))
