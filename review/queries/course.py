"""The course of several lines in 24 hours, for sparklines: one query, however many lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from opsportal import clock
from opsportal.lines import State
from opsportal.words import Figure
from review.models import Sample

DAY = timedelta(hours=24)
# Twice the job's interval and a half: an older figure is not shown as if it were of now.
FRESH = timedelta(minutes=40)
# Samples of a line in a day, with room for ones that a person asked for.
MOST = 120


@dataclass(frozen=True, slots=True)
class Course:
    """`values`: oldest first, None where there was no figure. The rest is the newest sample's."""

    values: tuple[float | None, ...]
    at: datetime
    state: State
    figure: Figure

    @property
    def is_fresh(self) -> bool:
        return clock.now() - self.at <= FRESH


def courses(keys: Iterable[str]) -> dict[str, Course]:
    """By key; a line without a sample in 24 hours is left out. One query."""
    wanted = sorted(set(keys))
    found: dict[str, list[Sample]] = {}
    rows = Sample.objects.filter(key__in=wanted, at__gt=clock.now() - DAY).order_by("-at")[: MOST * len(wanted)]
    for sample in rows if wanted else ():
        found.setdefault(sample.key, []).append(sample)
    return {key: _course(samples) for key, samples in found.items()}


def _course(samples: list[Sample]) -> Course:
    last = samples[0]
    figure = Figure.from_json(last.figure) if last.figure else Figure(last.value)
    return Course(tuple(sample.value for sample in reversed(samples)), last.at, State(last.state), figure)
