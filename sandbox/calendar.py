"""The sample's calendar: it is loaded on day 5 of the program, at whatever hour, and nothing of it lies after that moment."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from django.utils import timezone

TODAY = 5
# What happened today is told between these hours, and closer together where it is earlier than that.
BEGIN, END = time(7), time(9, 30)
IDS = UUID("6f0d9d5e-4b1e-5c1f-9f0a-0a5d5f3c1e57")


def stable(*about: object) -> UUID:
    """An id drawn from the words that it is about: the same on every machine."""
    return uuid5(IDS, " ".join(map(str, about)))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days are numbered as the program's, from 1; 0 and less is before it, in the team's zone."""

    now: datetime

    def day(self, number: int) -> date:
        return timezone.localdate(self.now, timezone.get_default_timezone()) + timedelta(days=number - TODAY)

    def at(self, number: int, clock: str) -> datetime:
        """The moment of day `number` at which clocks say `clock`; today's are moved as far as they must be to lie before now, in their order."""
        planned = self._at(number, time.fromisoformat(clock))
        if number != TODAY:
            return planned
        first, last = self._at(TODAY, BEGIN), self._at(TODAY, END)
        end = min(last, self.now)
        begin = max(self._at(TODAY, time()), end - (last - first))
        return begin + (end - begin) * ((planned - first) / (last - first))

    def number(self, at: datetime) -> int:
        """The day's, of any moment."""
        return (timezone.localdate(at, timezone.get_default_timezone()) - self.day(TODAY)).days + TODAY

    def midnight(self, at: datetime) -> datetime:
        """The beginning of the moment's day."""
        return self._at(self.number(at), time())

    def spread(self, number: int, count: int, first: str = "08:00", last: str = "21:00") -> list[datetime]:
        """So many moments between two hours of a day that is over, evenly."""
        begin, end = self.at(number, first), self.at(number, last)
        return [begin + (end - begin) * (place + 1) / (count + 1) for place in range(count)]

    def _at(self, number: int, clock: time) -> datetime:
        return timezone.make_aware(datetime.combine(self.day(number), clock), timezone.get_default_timezone())
