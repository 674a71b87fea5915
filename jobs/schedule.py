"""When a job is due. Pure functions of a schedule and the time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

DAY, SHORTEST_DAY = timedelta(days=1), timedelta(hours=22)


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, on the grid that begins at 1970-01-01 00:00 UTC: every 900 s is :00, :15, :30 and :45."""

    seconds: int

    def __post_init__(self) -> None:
        if self.seconds < 1:
            raise ValueError("A job can be due once a second at most.")

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def due_after(self, moment: datetime, zone: tzinfo) -> Iterator[datetime]:
        number = int(moment.timestamp() // self.seconds)
        while True:
            number += 1
            yield datetime.fromtimestamp(number * self.seconds, UTC)


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day at a time of the zone's clock.

    A time that the clock skips (02:30, when it jumps from 02:00 to 03:00) is due as late after midnight as on any other
    day, so at 03:30; a time that it shows twice is due the first time. PEP 495: fold=0.
    """

    at: time

    @property
    def interval(self) -> timedelta:
        """Of a day that the clock shortens, by two hours in one zone: with 24 hours as its minimum interval a job would miss that day."""
        return SHORTEST_DAY

    def due_after(self, moment: datetime, zone: tzinfo) -> Iterator[datetime]:
        day = moment.astimezone(zone).date() - DAY
        while True:
            due = datetime.combine(day, self.at, zone).astimezone(UTC)
            if due > moment:
                yield due
            day += DAY


Schedule = Every | Daily


def next_due(schedule: Schedule, after: datetime, zone: tzinfo) -> datetime:
    """The first due time after the moment."""
    return next(schedule.due_after(after, zone))


def due_between(schedule: Schedule, after: datetime, until: datetime, zone: tzinfo, *, most: int) -> list[datetime]:
    """Due times in (after, until], oldest first; of more than `most` the newest."""
    if isinstance(schedule, Every):
        # The grid can be entered anywhere: a second's job that slept for a year is not counted through.
        after = max(after, until - most * schedule.interval)
    found: list[datetime] = []
    for due in schedule.due_after(after, zone):
        if due > until:
            return found[-most:]
        found.append(due)
    raise AssertionError("unreachable")
