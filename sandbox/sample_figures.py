"""What the lines of the reviews said on the four days before, and the samples between them and now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from beta.models import Household
from catalog.models import Override
from opsportal.lines import EVENING, MORNING, Answer, Line, State
from opsportal.lines import all_lines as registered
from opsportal.words import Figure, Words, said
from review.jobs.figures import slot_of
from review.models import Sample
from sandbox.calendar import TODAY, Calendar
from sandbox.shops.chance import between

OK, WARN, FAIL = State.OK, State.WARN, State.FAIL
STEP = timedelta(minutes=15)
# Figures of 24 hours change to today's so long before the sample was loaded.
CHANGED = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Cell:
    """A line's figure at a review. `of` as opsportal.words.Figure has it."""

    value: float | None
    state: State = OK
    of: float | None = None


def _cells(*values: float | Cell, of: float | None = None) -> tuple[Cell, ...]:
    return tuple(value if isinstance(value, Cell) else Cell(value, of=of) for value in values)


ZERO = _cells(0, 0, 0, 0)
# By line and day, of the mornings.
MORNINGS = {
    "feed-load": _cells(0.61, 0.58, 0.72, 0.66), "feed-empty": ZERO, "feed-poor": _cells(0, 0, Cell(6.3, WARN), 4.7),
    "price-tracker": _cells(Cell(21, OK, 21), 24, 24, Cell(23, WARN, 24), of=24), "alert-evaluator": _cells(0, 0, 2, 2), "alerts-delivered": ZERO,
    "jobs-failing": ZERO, "jobs-slots": _cells(0, 0, 17, 24), "jobs-reliability": _cells(100, 100, 100, 99.7), "overrides-today": _cells(0, 0, 0, 0, of=5),
    "sensitive-acts": _cells(11, 32, 31, 29), "audit-verified": ZERO, "switches-off": _cells(0, 0, Cell(1, WARN), Cell(1, WARN)),
    "webhook-success": _cells(100, 100, 100, 100), "money-mismatches": _cells(0, 0, 0, Cell(1, FAIL)), "events-person": ZERO,
    "beta-seats": _cells(0, 18, 32, 43, of=100), "beta-stop": ZERO, "beta-refusals": _cells(0, 2, 15, 5), "beta-invites": _cells(81, 63, 49, 38),
}  # fmt: skip
EVENINGS = {
    "feed-load": _cells(0.64, 0.69, 0.6, 0.68), "alerts-delivered": ZERO, "jobs-failing": ZERO, "overrides-today": _cells(1, 1, 4, 2, of=5),
    "switches-off": _cells(0, Cell(1, WARN), Cell(1, WARN), 0), "money-mismatches": _cells(0, 0, Cell(1, FAIL), Cell(2, FAIL)),
    "beta-seats": _cells(14, 29, 41, 52, of=100), "beta-stop": ZERO, "purchases": _cells(4_210, 21_870, 26_440, 38_190),
    "support_messages": _cells(Cell(0, OK, 4), Cell(0, OK, 5), Cell(0, OK, 3), Cell(0, OK, 4)), "changes-today": _cells(24, 31, 29, 27), "notify-dead": ZERO,
}  # fmt: skip
# What a line says of itself when its figure is nought.
QUIET: dict[str, Words] = {
    "feed-empty": said("Every household sees something."), "alerts-delivered": said("Nobody waits for an alert that has fired."),
    "jobs-failing": said("Every job's last runs went well."), "jobs-slots": said("Every job that was due ran."),
    "switches-off": said("Nothing is held back."), "events-person": said("No event waits for a person."), "beta-stop": said("Signups are open."),
    "beta-refusals": said("Nobody was refused in 24 hours."), "notify-dead": said("Nothing is late, and nothing was given up."),
}  # fmt: skip


def all_lines() -> list[Line]:
    return registered()


def cell(key: str, kind: str, day: int) -> Cell:
    """Of a review of a day before today; of a line that only the other review has, that one's."""
    first, second = (MORNINGS, EVENINGS) if kind == MORNING else (EVENINGS, MORNINGS)
    return (first.get(key) or second[key])[day - 1]


def load(calendar: Calendar, now: dict[str, Answer]) -> None:
    """Quarters of an hour for 24 hours, the last of them as the lines say now; two figures a day before that."""
    seated = sorted(at for at in Household.objects.values_list("seated_at", flat=True) if at)
    overridden = sorted(Override.objects.values_list("created_at", flat=True))
    made: list[Sample] = []
    for key, answer in now.items():
        for at in _moments(calendar):
            value, state = _value(calendar, key, at, answer)
            # The newest quarter of an hour goes on until now.
            until = calendar.now if at == slot_of(calendar.now) else at
            if key == "beta-seats":
                value = sum(one <= until for one in seated)
            elif key == "overrides-today":
                value = sum(calendar.midnight(at) <= one <= until for one in overridden)
            figure = Figure(value, answer.figure.unit, answer.figure.of if value is not None else None)
            made.append(Sample(key=key, at=at, state=state, value=value, figure=figure.to_json()))
    Sample.objects.bulk_create(made)


def _moments(calendar: Calendar) -> Iterator[datetime]:
    last = slot_of(calendar.now)
    begin = last - STEP * 95
    for day in range(1, TODAY):
        for hour in ("09:00", "18:00"):
            if (at := slot_of(calendar.at(day, hour))) < begin:
                yield at
    for place in range(96):
        yield begin + STEP * place


def _value(calendar: Calendar, key: str, at: datetime, now: Answer) -> tuple[float | None, State]:
    if at >= calendar.now - CHANGED and key != "feed-load":
        return now.figure.value, now.state
    day = max(1, min(TODAY - 1, calendar.number(at)))
    kept = cell(key, MORNING if at < calendar.at(day, "14:00") else EVENING, day)
    if key == "feed-load" and kept.value is not None:
        is_last = at >= calendar.now - STEP
        return (now.figure.value if is_last else round(kept.value + between(-0.06, 0.12, "sample", at.minute, at.hour), 2)), OK
    return kept.value, kept.state
