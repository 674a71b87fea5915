"""What needs a person now, and the figures at a glance: what Today shows of every app. Apps register sources in apps.py.

A source is asked at every look at Today, so it makes one query, two at most, whatever the amount of data.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.functional import Promise

from opsportal.lines import Act, State
from opsportal.words import Figure

Text = str | Promise

# Harm, the worst first: people are hurt or money is lost; the product's core stands still; trust is at risk; somebody waits; untidy.
MONEY, STANDSTILL, TRUST, WAITING, UNTIDY = range(1, 6)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for a person: what, why in a sentence, and the act. `since`: how long it has waited."""

    harm: int
    state: State
    title: Text
    detail: Text = ""
    url: str = ""
    act: Act | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
    """A tile of Today. `line` names the line whose samples draw its sparkline."""

    label: Text
    figure: Figure
    state: State
    limit: Text
    url: str
    line: str = ""
    small: Text = ""


NeedSource = Callable[[HttpRequest], Iterable[Need]]
GaugeSource = Callable[[HttpRequest], Gauge | None]

_needs: list[NeedSource] = []
_gauges: list[tuple[int, GaugeSource]] = []


def register_needs(source: NeedSource) -> None:
    """The source leaves out what the person may not see."""
    _needs.append(source)


def register_gauge(source: GaugeSource, *, order: int) -> None:
    _gauges.append((order, source))


def sources() -> Sequence[NeedSource]:
    return tuple(_needs)


def gauge_sources() -> Sequence[GaugeSource]:
    return tuple(source for _order, source in sorted(_gauges, key=lambda pair: pair[0]))


_STATES = (State.FAIL, State.WARN, State.UNKNOWN, State.OK)


def by_harm(needs: Iterable[Need]) -> list[Need]:
    """The worst first; of equal harm what fails before what warns, then what waits longest."""
    return sorted(needs, key=lambda need: (need.harm, _STATES.index(need.state), need.since is None, need.since or 0))
