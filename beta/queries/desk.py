from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from math import ceil

from django.conf import settings
from django.utils.translation import gettext as _

from audit.models import AuditLog
from audit.queries import filtered
from beta.models import Household, Program
from beta.queries.household import newest_households, seated_since
from beta.queries.invite import InviteCounts, invite_counts
from beta.queries.program import Day, day_of, seats_per_day
from beta.queries.refusal import Refusals, refusals_by_reason

LAST = 7
ENTITIES = ("program", "invite", "household")
BEFORE = timedelta(minutes=30)
WARN_AT = 0.9


@dataclass(frozen=True, slots=True)
class Forecast:
    """At `pace` seats a day (the mean of the last two full days) the last seat goes on that day of the program."""

    pace: int
    day: int
    on: date


class Desk:
    """The figures of /ops/beta. Each is read when the page first asks for it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.env_paused = settings.BETA_SIGNUPS_PAUSED

    @cached_property
    def day(self) -> int | None:
        return day_of(self.program)

    @property
    def last_day(self) -> date | None:
        return self.program.starts_on and self.program.starts_on + timedelta(days=self.program.days - 1)

    @property
    def free(self) -> int:
        return max(self.program.cap - self.program.seats_taken, 0)

    @property
    def over(self) -> int:
        return max(self.program.seats_taken - self.program.cap, 0)

    @property
    def mark(self) -> int:
        """The number of seats at which the meter warns."""
        return int(self.program.cap * WARN_AT)

    @cached_property
    def last(self) -> list[Household]:
        return list(newest_households()[:LAST])

    @cached_property
    def invites(self) -> InviteCounts:
        return invite_counts()

    @cached_property
    def refused(self) -> Refusals:
        return refusals_by_reason()

    @cached_property
    def days(self) -> list[Day]:
        return seats_per_day(self.program)

    @property
    def today(self) -> int:
        return next((day.seats for day in self.days if day.is_today), 0)

    @cached_property
    def forecast(self) -> Forecast | None:
        past = [day for day in self.days if day.is_past][-2:]
        pace = round(sum(day.seats for day in past) / len(past)) if past else 0
        if not (pace and self.free and self.day and self.program.starts_on):
            return None
        left_today = max(pace - self.today, 0)
        day = self.day if self.free <= left_today else self.day + ceil((self.free - left_today) / pace)
        return Forecast(pace, day, self.program.starts_on + timedelta(days=day - 1))

    @property
    def if_all_used(self) -> int:
        """Seats taken if every live invite is used: at most the cap."""
        return min(self.program.seats_taken + self.invites.live, max(self.program.cap, self.program.seats_taken))

    @property
    def stopped_since(self) -> datetime | None:
        return self.program.stopped_at or self.program.env_stopped_at

    @cached_property
    def seated_after_stop(self) -> int | None:
        return None if self.program.stop_version is None else seated_since(self.program.stop_version)

    @cached_property
    def refused_since_stop(self) -> Refusals:
        return refusals_by_reason(self.stopped_since)

    @cached_property
    def before_the_stop(self) -> list[AuditLog]:
        """What happened to the program, its invites and households in the half hour up to the stop, newest first."""
        since = self.stopped_since
        if since is None:
            return []
        rows = filtered(since=since - BEFORE, until=since + timedelta(seconds=1)).filter(entity_type__in=ENTITIES)
        if self.program.stop_audit_id:
            rows = rows.filter(id__lte=self.program.stop_audit_id)
        return list(rows.order_by("-created_at", "-id")[:8])

    @property
    def held_by(self) -> str:
        """Which of the two holds the stop, in words."""
        hosts = ", ".join(self.program.env_stops)
        if self.program.stopped_at and (self.env_paused or hosts):
            return _("Held by the button and by the environment variable BETA_SIGNUPS_PAUSED (%(hosts)s).") % {
                "hosts": hosts or settings.OPS_INSTANCE
            }
        if self.program.stopped_at:
            return _("Held by the button; the environment variable BETA_SIGNUPS_PAUSED is not set.")
        return _("Held by the environment variable BETA_SIGNUPS_PAUSED (%(hosts)s); nobody clicked the button.") % {
            "hosts": hosts or settings.OPS_INSTANCE
        }


def desk(program: Program) -> Desk:
    return Desk(program)
