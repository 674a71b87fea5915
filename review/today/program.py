"""The program's day, from what the frame has read."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest

from beta.frame import program_of
from beta.queries import day_of
from opsportal import clock


@dataclass(frozen=True, slots=True)
class ProgramDay:
    """`number` of `days`; None outside the program. `is_expected`: whether reviews of today and of yesterday are asked for."""

    today: date
    number: int | None
    days: int
    is_expected: tuple[bool, bool]

    @property
    def goes_on(self) -> bool:
        """Whether tomorrow is a day of it, too."""
        return self.number is not None and self.number < self.days


def program_day(request: HttpRequest) -> ProgramDay:
    program, today = program_of(request), clock.today()
    number = day_of(program, today)
    return ProgramDay(today, number, program.days, (number is not None, day_of(program, today - timedelta(days=1)) is not None))
