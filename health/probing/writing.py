"""What a look means for its probe: the result, the state, when it is due again, and who is told. In the caller's transaction."""

from datetime import datetime, timedelta

from health.models import Fault, Probe, ProbeFlip, ProbeResult, Standing
from health.probing.looking import Outcome
from health.probing.telling import tell
from opsportal import clock


def standing_after(state: Standing, failures: int, *, ok: bool, down_after: int) -> tuple[Standing, int]:
    """The state and the failures in a row after one more look. What is down stays down until a look goes well."""
    if ok:
        return Standing.UP, 0
    failures += 1
    return (Standing.DOWN if failures >= down_after or state == Standing.DOWN else Standing.FAILING), failures


def due_after(due: datetime, every: timedelta, now: datetime) -> datetime:
    """The next time of the grid that `due` stands on, after now: looks that come late, or in between, move none of the later ones."""
    return due if due > now else due + every * ((now - due) // every + 1)


def write_outcome(probe_id: int, turn: int, outcome: Outcome, *, asked_by: str = "") -> ProbeResult | None:
    """Write what was found. None where the probe was changed, paused, removed or looked at by somebody else since its turn was read."""
    probe = Probe.objects.select_for_update(no_key=True).filter(pk=probe_id, turn=turn).first()
    if probe is None:
        return None
    result = ProbeResult.objects.create(
        probe=probe, at=outcome.at, ok=outcome.ok, is_slow=outcome.ok and outcome.ms > probe.good_ms, ms=outcome.ms, first_ms=outcome.first_ms,
        status=outcome.status, size=outcome.size, step=outcome.step, fault=outcome.fault, facts=dict(outcome.facts), excerpt=outcome.excerpt,
        asked_by=asked_by,
    )  # fmt: skip
    probe.turn += 1
    probe.last_at, probe.last_ok, probe.last_ms, probe.last_fault = outcome.at, outcome.ok, outcome.ms, outcome.fault
    probe.last_facts = {**outcome.facts, "step": outcome.step}
    if probe.due_at is not None:
        _judge(probe, result)
        probe.due_at = due_after(probe.due_at, probe.every, clock.now())
    probe.save()
    return result


def flip(probe: Probe, after: Standing, *, at: datetime, fault: str = "", facts: dict[str, object] | None = None) -> None:
    """Give the probe its state, and write down and tell that it changed. The caller holds the row's lock and saves the row."""
    before = Standing(probe.state)
    if before == after:
        return
    since_down = probe.state_at if before == Standing.DOWN else None
    probe.state, probe.state_at = after, at
    tell(ProbeFlip.objects.create(probe=probe, at=at, before=before, after=after, fault=fault, facts=facts or {}), since_down)


def _judge(probe: Probe, result: ProbeResult) -> None:
    state, probe.failures = standing_after(Standing(probe.state), probe.failures, ok=result.ok, down_after=probe.down_after)
    flip(probe, state, at=result.at, fault=Fault(result.fault) if result.fault else "", facts=probe.last_facts if not result.ok else None)
