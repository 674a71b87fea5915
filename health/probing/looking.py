"""Making the requests of probes: outside any transaction, without touching the database, each within its own time limit."""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import translation

from health.models import Fault
from health.probing.expecting import Got, Step, Wrong, fault_of, plain
from opsportal import clock, outgoing
from opsportal.masking import MASK, scrubbed
from opsportal.outgoing.address import Unknown

MOST_BYTES, REDIRECTS, CONNECT_SECONDS = 1024 * 1024, 5, 5.0
# Bytes of a failure's answer that are kept, and so many of it that are read for them.
EXCERPT, READ_FOR_IT = 2048, 8192
# The words before a key in a header.
_NO_SECRETS = {"Bearer", "Basic", "Token"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be asked. `time_limit` in seconds, for all steps together; `turn` is the probe's when it was read."""

    steps: tuple[Step, ...]
    time_limit: int
    probe_id: int = 0
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found. `step` is where it ended, from 1."""

    at: datetime
    ok: bool
    ms: int
    first_ms: int | None = None
    status: int | None = None
    size: int | None = None
    step: int = 1
    fault: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    excerpt: str = ""


def look(plan: Plan) -> Outcome:
    """Do the steps in order, until one is not as expected or the time is over. Raises nothing for what the outside does."""
    at, began = clock.now(), time.monotonic()
    found: dict[str, Any] = {}
    for number, step in enumerate(plan.steps, start=1):
        answer, wrong = _answer(step, plan.time_limit, began)
        found["step"], found["status"] = number, answer.status if answer else None
        if answer is not None:
            found["size"] = found.get("size", 0) + len(answer.body)
            found.setdefault("first_ms", _ms(answer.first_seconds))
        if wrong is not None:
            found |= {"fault": str(wrong.fault), "facts": wrong.facts, "excerpt": excerpt(answer, step) if answer else ""}
            break
    return Outcome(at, "fault" not in found, _ms(time.monotonic() - began), **found)


def look_at_all(plans: Iterable[Plan]) -> dict[int, Outcome]:
    """All at once, a thread each: one that hangs holds up no other. Takes as long as the slowest, so its time limit at most."""
    wanted = list(plans)
    if not wanted:
        return {}
    with ThreadPoolExecutor(len(wanted), thread_name_prefix="probe") as threads:
        return dict(zip((plan.probe_id for plan in wanted), threads.map(look, wanted), strict=True))


def _answer(step: Step, time_limit: int, began: float) -> tuple[outgoing.Answer | None, Wrong | None]:
    left = time_limit - (time.monotonic() - began)
    if step.headers is None:
        return None, Wrong(Fault.SEALED)
    if left <= 0:
        return None, Wrong(Fault.TOO_SLOW, {"seconds": time_limit})
    limits = outgoing.Limits(connect_seconds=min(CONNECT_SECONDS, left), total_seconds=left, most_bytes=MOST_BYTES, redirects=REDIRECTS)
    try:
        # What goes wrong is kept as a fact, in one language.
        with translation.override("en"):
            answer = outgoing.call(step.method, step.url, headers=step.headers, limits=limits)
    except (outgoing.Failed, outgoing.BadAddress) as error:
        return None, _no_answer(error, time_limit)
    wrong = fault_of(step, Got(answer.status, answer.text, answer.is_whole))
    return answer, replace(wrong, facts=_without_secrets(wrong.facts, step)) if wrong else None


def _no_answer(error: Exception, time_limit: int) -> Wrong:
    if isinstance(error, outgoing.TooSlow):
        return Wrong(Fault.TOO_SLOW, {"seconds": time_limit})
    if isinstance(error, outgoing.TooManyRedirects):
        return Wrong(Fault.REDIRECTS, {"times": REDIRECTS})
    cause = error.__context__
    if isinstance(error, outgoing.BadAddress) or isinstance(cause, Unknown):
        return Wrong(Fault.REFUSED if isinstance(error, outgoing.BadAddress) else Fault.NO_NAME, {"error": plain(str(error)[:300])})
    return Wrong(Fault.UNREACHABLE, {"error": plain(scrubbed(str(cause) or type(cause).__name__)[:300])})


def excerpt(answer: outgoing.Answer, step: Step) -> str:
    """The beginning of an answer's text, EXCERPT bytes at most, without the secrets that were sent along."""
    beginning = answer.body[:READ_FOR_IT]
    if b"\x00" in beginning:
        return ""
    text = beginning.decode("utf-8", "replace")
    return scrubbed(_masked(text, step)).encode()[:EXCERPT].decode("utf-8", "ignore")


def _masked(text: str, step: Step) -> str:
    """Also where only a part of a header is echoed: of “Bearer abc…” the key alone."""
    values = {part for value in (step.headers or {}).values() for part in (value, *value.split()) if len(part) >= 4 and part not in _NO_SECRETS}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, MASK)
    return text


def _without_secrets(facts: Mapping[str, Any], step: Step) -> Mapping[str, Any]:
    """A value of the answer's JSON may be what was sent: facts go into results, messages and the audit log."""
    return {**facts, "value": _masked(facts["value"], step)} if "value" in facts else facts


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
