"""What a probe may be. Raises Invalid, with the field; of a step, `step` is its number."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from health.models import ProbeStep
from health.models.probe import MOST_STEPS
from health.probing.expecting import Step, check_statuses
from opsportal.errors import Invalid
from opsportal.outgoing import BadAddress, checked_url

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
# Headers that the connection itself sets: another value would break it, or lead elsewhere than the address says.
_OWN = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "accept-encoding"}
MOST_HEADERS, LONGEST_VALUE = 20, 4000


def line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


@dataclass(frozen=True, slots=True)
class Terms:
    """What a probe is, besides its steps. Minutes, seconds, milliseconds, failures in a row."""

    name: str
    description: str = ""
    every_minutes: int = 5
    time_limit: int = 10
    good_ms: int = 2000
    down_after: int = 2
    watches_feed: bool = False


def checked_terms(terms: Terms) -> dict[str, Any]:
    """The probe's fields."""
    name = line(terms.name)
    if not 1 <= len(name) <= 100:
        raise Invalid(_("Give it a name of 1 to 100 characters."), field="name")
    if not 1 <= terms.every_minutes <= 1440:
        raise Invalid(_("It looks every 1 to 1440 minutes."), field="every_minutes")
    if not 1 <= terms.time_limit <= 30:
        raise Invalid(_("The time limit is from 1 to 30 seconds."), field="time_limit")
    if not 1 <= terms.good_ms <= terms.time_limit * 1000:
        raise Invalid(_("A good load time is more than nothing, and no more than the time limit."), field="good_seconds")
    if not 1 <= terms.down_after <= 10:
        raise Invalid(_("It is down after 1 to 10 failures in a row."), field="down_after")
    return asdict(terms) | {"name": name, "description": line(terms.description)[:500]}


def checked_steps(steps: Sequence[Step]) -> list[Step]:
    if not 1 <= len(steps) <= MOST_STEPS:
        raise Invalid(_("A probe has 1 to %(most)d steps.") % {"most": MOST_STEPS}, field="url", step=1)
    found = []
    for number, step in enumerate(steps, start=1):
        try:
            found.append(_checked(step))
        except Invalid as error:
            error.facts["step"] = number
            raise
    return found


def _checked(step: Step) -> Step:
    if step.method not in ProbeStep.Method.values:
        raise Invalid(_("The method is GET, HEAD or POST."), field="method")
    try:
        url = checked_url(step.url.strip())
    except BadAddress as error:
        raise Invalid(str(error), field="url") from None
    contains, path, value = (text.strip().replace("\x00", "") for text in (step.contains, step.json_path, step.json_value))
    if len(contains) > 500 or len(path) > 200 or len(value) > 500:
        raise Invalid(_("What is expected is too long: 500 characters at most, 200 for a path."), field="contains")
    if step.method == ProbeStep.Method.HEAD and (contains or path):
        raise Invalid(_("A HEAD has no text to look at. Choose GET, or expect a status only."), field="method")
    if value and not path:
        raise Invalid(_("Say where in the JSON the value stands."), field="json_path")
    _check_headers(step)
    return replace(step, url=url, statuses=check_statuses(step.statuses), contains=contains, json_path=path, json_value=value)


def _check_headers(step: Step) -> None:
    headers = step.headers or {}
    if len(headers) > MOST_HEADERS or len({name.lower() for name in headers}) < len(headers):
        raise Invalid(_("Each header once, %(most)d at most.") % {"most": MOST_HEADERS}, field="headers")
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or name.lower() in _OWN:
            raise Invalid(_("“%(name)s” is no header that can be set.") % {"name": name[:100]}, field="headers")
        if not value.isascii() or not value.isprintable() or len(value) > LONGEST_VALUE:
            raise Invalid(
                _("The value of “%(name)s” must be plain characters, %(most)d at most.") % {"name": name, "most": LONGEST_VALUE}, field="headers"
            )
