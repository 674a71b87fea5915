"""From a probe's rows to what is to be asked, and back into a form."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import httpx
from django.utils.translation import gettext as _

from health.models import Probe, ProbeStep
from health.probing.expecting import Step
from health.probing.looking import Plan
from notify.sealing import Unreadable, seal, unseal
from opsportal.errors import Invalid
from opsportal.masking import MASK

# Stands in a form for a header's value that is not shown.
KEPT = MASK


def plan_of(probe: Probe) -> Plan:
    """Asks for the steps, unless they were prefetched."""
    steps = sorted(probe.steps.all(), key=lambda step: step.position)
    return Plan(tuple(step_of(step) for step in steps), probe.time_limit, probe.pk, probe.turn)


def step_of(step: ProbeStep) -> Step:
    return Step(step.method, step.url, step.statuses, step.contains, step.json_path, step.json_value, headers_of(step))


def headers_of(step: ProbeStep) -> Mapping[str, str] | None:
    """In the clear; None where they were sealed under a key that this portal does not have (any more)."""
    if not step.headers:
        return {}
    try:
        found: dict[str, str] = json.loads(unseal(step.headers))
    except Unreadable:
        return None
    return found


def rows_of(probe: Probe, steps: Iterable[Step]) -> list[ProbeStep]:
    return [
        ProbeStep(
            probe=probe, position=number, method=step.method, url=step.url, statuses=step.statuses, contains=step.contains, json_path=step.json_path,
            json_value=step.json_value, header_names=sorted(step.headers or {}), headers=seal(json.dumps(dict(step.headers))) if step.headers else "",
        )
        for number, step in enumerate(steps, start=1)
    ]  # fmt: skip


def with_kept(steps: Sequence[Step], probe: Probe) -> list[Step]:
    """The steps with the values of headers that were not typed again. A value is kept for the host it was given for, and for no other:
    whoever may change an address must not be able to have a secret sent to a place of their own. Raises Invalid (headers)."""
    known: list[tuple[str, Mapping[str, str]]] = [(_origin(row.url), headers_of(row) or {}) for row in probe.steps.order_by("position")]
    return [_kept(step, number, known) for number, step in enumerate(steps, start=1)]


def _kept(step: Step, number: int, known: list[tuple[str, Mapping[str, str]]]) -> Step:
    missing = [name for name, value in (step.headers or {}).items() if value == KEPT]
    if not missing:
        return step
    # The step at the same place first.
    there = [headers for origin, headers in (known[number - 1 : number] + known) if origin == _origin(step.url)]
    found = {name: next((headers[name] for headers in there if name in headers), None) for name in missing}
    if lost := [name for name, value in found.items() if value is None]:
        raise Invalid(_("Type the value of “%(name)s” again: it is kept for its own host only.") % {"name": lost[0]}, field="headers", step=number)
    return replace(step, headers={**(step.headers or {}), **{name: value for name, value in found.items() if value is not None}})


def _origin(url: str) -> str:
    try:
        parsed = httpx.URL(url.strip())
        return f"{parsed.scheme}://{parsed.host}:{parsed.port or ''}" if parsed.host else ""
    except (httpx.InvalidURL, ValueError):
        return ""
