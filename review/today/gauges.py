"""The figures at a glance, each with its limit in words and its course over 24 hours."""

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from opsportal import charts, lines, needs
from opsportal.components import Tile
from opsportal.lines import State
from opsportal.needs import Gauge
from opsportal.words import Figure
from review.queries.course import Course, courses
from review.today.needs import WORDS, asked, part_of


@dataclass(frozen=True, slots=True)
class Glance:
    """A tile with an id that stays, so that the focus does when the tiles are drawn anew."""

    id: str
    tile: Tile
    state: State


def glances_of(request: HttpRequest) -> list[Glance]:
    """One query for the courses; the gauges' own figures come from what their desks have read already."""
    found: list[Gauge] = []
    for source in needs.gauge_sources():
        unknown = Gauge(part_of(source), Figure(), State.UNKNOWN, _("could not find out"), "")
        found += asked(source, request, lambda gauge: [gauge] if gauge else [], [unknown])
    known = courses(gauge.line for gauge in found if gauge.line)
    return [_glance(_sampled(gauge, known.get(gauge.line)), known.get(gauge.line)) for gauge in found]


def _sampled(gauge: Gauge, course: Course | None) -> Gauge:
    """A figure that is too dear to be asked at every look is the newest sample's, with its time; an old one says nothing of now."""
    if gauge.figure.value is not None or gauge.state is not State.UNKNOWN or not gauge.line:
        return gauge
    if course is None:
        return replace(gauge, small=_("not sampled yet"))
    at = _("as of %(time)s") % {"time": date_format(localtime(course.at), "TIME_FORMAT")}
    return replace(gauge, figure=course.figure, state=course.state if course.is_fresh else State.UNKNOWN, small=at)


def _glance(gauge: Gauge, course: Course | None) -> Glance:
    figure, unit = _parts(gauge.figure)
    limit = f"{gauge.limit} · {gauge.small}" if gauge.small else str(gauge.limit)
    values = course.values if course else ()
    line = lines.find(gauge.line)
    tile = Tile(
        gauge.label, figure, unit, str(gauge.state), str(WORDS[gauge.state]), limit, url=gauge.url, values=values,
        course=_course(gauge, values), threshold=line.limit if line else None,
    )  # fmt: skip
    return Glance(f"glance-{slugify(gauge.line or gauge.url or part_of(type(gauge)))}", tile, gauge.state)


def _course(gauge: Gauge, values: tuple[float | None, ...]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return _("%(what)s in 24 hours: no figures") % {"what": gauge.label}
    low, high = (_say(gauge.figure, value) for value in (min(known), max(known)))
    return _("%(what)s in 24 hours: between %(low)s and %(high)s") % {"what": gauge.label, "low": low, "high": high}


def _say(figure: Figure, value: float) -> str:
    return str(replace(figure, value=value, of=None))


def _parts(figure: Figure) -> tuple[str, str]:
    """The number, and beside it in small what it is of."""
    if figure.value is None:
        return charts.say(None), ""
    said = str(figure)
    number, _space, unit = said.partition(" ")
    return (number, unit) if figure.unit in ("count", "percent", "seconds", "minutes") else (said, "")
