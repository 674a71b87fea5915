"""What needs a person now: every source's answer, the worst harm first. A source that fails is a need itself, and breaks nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from django.apps import apps
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opsportal import access, needs
from opsportal.lines import Act, State
from opsportal.needs import Need

log = structlog.get_logger(__name__)
A = TypeVar("A")
T = TypeVar("T")

# More than that nobody reads in five seconds; the rest is a step away.
SHOWN = 8
MOST = 100
WORDS = {State.OK: gettext_lazy("ok"), State.WARN: gettext_lazy("warn"), State.FAIL: gettext_lazy("fail"), State.UNKNOWN: gettext_lazy("unknown")}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A need as one person sees it. `act` is theirs to do; where it is not, `who` says which roles may."""

    need: Need
    place: int
    act: Act | None
    who: str

    @property
    def word(self) -> str:
        return str(WORDS[self.need.state])


def needs_of(request: HttpRequest) -> list[Waiting]:
    """By harm. Each source makes a query or two of its own."""
    found: list[Need] = []
    for source in needs.sources():
        found += asked(source, request, lambda answer: list(answer or ()), [_unknown(source)])
    return [_seen(request, need, place) for place, need in enumerate(needs.by_harm(found))]


def asked(source: Callable[[HttpRequest], A], request: HttpRequest, read: Callable[[A], T], otherwise: T) -> T:
    """What the source answers, read to its end; `otherwise` where it raises. What it raised stands in the log."""
    try:
        return read(source(request))
    except Exception:
        log.exception("today_source_failed", source=f"{source.__module__}.{source.__qualname__}")
        return otherwise


def part_of(source: Callable[..., object]) -> str:
    """The part of the portal that a source speaks for, in words."""
    config = apps.get_containing_app_config(source.__module__)
    return str(config.verbose_name) if config else source.__module__


def _unknown(source: Callable[..., object]) -> Need:
    title = _("Could not find out: %(part)s") % {"part": part_of(source)}
    return Need(needs.TRUST, State.UNKNOWN, title, _("Whether something of it needs a person is not known. Why stands in the portal's log."))


def _seen(request: HttpRequest, need: Need, place: int) -> Waiting:
    if need.act is None or request.user.has_perm(need.act.permission):
        return Waiting(need, place, need.act, "")
    label, roles = access.describe(need.act.permission)
    return Waiting(need, place, None, _("%(act)s: %(roles)s may") % {"act": need.act.label, "roles": ", ".join(roles) or label})
