"""The day's reviews, begun with every line read; and what reading the lines costs by itself."""

import statistics
from dataclasses import dataclass

from bench.pages.desks import Desk, sitting_at


@dataclass(frozen=True, slots=True)
class Asked:
    """A line's median seconds at each desk; why the big one has no answer, if it has none."""

    key: str
    small: float
    big: float
    error: str


def begin(desk: Desk) -> None:
    """Both reviews of today. Every line is read in this thread, so that all of them are when this returns."""
    from audit.actors import Actor
    from review import reading
    from review.actions.review import begin_review
    from review.models import Kind

    reading.in_threads = False
    with sitting_at(desk):
        for kind in Kind:
            begin_review(actor=Actor.cli(), kind=kind)


def readings(desks: tuple[Desk, Desk], rounds: int) -> list[Asked]:
    """Each line of both reviews, asked as often at each desk; what two lines share is computed once a round, as for a review."""
    from opsportal.lines import all_lines
    from opsportal.sharing import Round, within
    from review.answering import ask_line

    times: dict[str, dict[str, list[float]]] = {line.key: {"small": [], "big": []} for line in all_lines()}
    errors: dict[str, str] = {}
    for number in range(rounds):
        for desk in desks if number % 2 else desks[::-1]:
            with sitting_at(desk), within(Round()):
                for line in all_lines():
                    said = ask_line(line)
                    times[line.key][desk.name].append(said.seconds)
                    errors[line.key] = said.error or errors.get(line.key, "")
    return [Asked(key, statistics.median(found["small"]), statistics.median(found["big"]), errors[key]) for key, found in times.items()]
