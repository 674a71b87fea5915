from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from beta.models import Household, Program
from opsportal import clock


def get_program() -> Program:
    return Program.objects.get()


def locked_program() -> Program:
    """The program with the gate's lock, to be called inside a transaction."""
    return Program.objects.select_for_update(no_key=True).get()


def day_of(program: Program, on: date | None = None) -> int | None:
    """Which day of the program it is, from 1; None before it starts, after it ended, or without a first day."""
    if program.starts_on is None:
        return None
    day = ((on or clock.today()) - program.starts_on).days + 1
    return day if 1 <= day <= program.days else None


@dataclass(frozen=True, slots=True)
class GateState:
    """What everybody may know of the gate."""

    open: bool
    stopped: bool
    cap: int
    seats_taken: int
    day: int | None
    version: int


def gate_state(program: Program | None = None) -> GateState:
    program = program or get_program()
    stopped = program.is_stopped or settings.BETA_SIGNUPS_PAUSED
    is_open = not stopped and program.seats_taken < program.cap
    return GateState(is_open, stopped, program.cap, program.seats_taken, day_of(program), program.version)


def signups() -> dict[str, object]:
    """The part of /api/status that anybody may read."""
    state = gate_state()
    return {"open": state.open, "stopped": state.stopped, "cap": state.cap, "seats_taken": state.seats_taken}


@dataclass(frozen=True, slots=True)
class Day:
    """Seats taken on one day of the program by households that still hold theirs."""

    number: int
    on: date
    seats: int
    total: int
    is_today: bool
    is_past: bool


def seats_per_day(program: Program) -> list[Day]:
    """A row a day, in the team's zone; empty without a first day. Shows 31 days at most, the newest."""
    if program.starts_on is None:
        return []
    today = clock.today()
    last = min(program.days, max((today - program.starts_on).days + 1, 14)) if program.days > 31 else program.days
    first = max(1, last - 30)
    start = program.starts_on + timedelta(days=first - 1)
    zone = timezone.get_default_timezone()
    begins = timezone.make_aware(datetime.combine(start, datetime.min.time()), zone)
    active = Household.objects.filter(status=Household.Status.ACTIVE)
    rows = (
        active.filter(seated_at__gte=begins).annotate(on=TruncDate("seated_at", tzinfo=zone)).order_by("on").values_list("on").annotate(Count("id"))
    )
    counts = dict(rows)
    total, days = active.filter(seated_at__lt=begins).count(), []
    for number in range(first, last + 1):
        on = program.starts_on + timedelta(days=number - 1)
        total += counts.get(on, 0)
        days.append(Day(number, on, counts.get(on, 0), total, on == today, on < today))
    return days
