from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from health import probe_words
from health.action_types import HealthAction
from health.models import Probe, Standing
from health.probing.checking import Terms, checked_steps, checked_terms, line
from health.probing.expecting import Step
from health.probing.planning import headers_of, rows_of, with_kept
from health.probing.writing import flip
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

MOST_PROBES = 50


@transaction.atomic
def create_probe(*, actor: Actor, terms: Terms, steps: Sequence[Step], reason: str = "") -> Probe:
    """A probe that looks at once, and then every so many minutes.

    One that watches the feed takes that over from another. Raises Invalid for what makes no sense, Conflict (too_many) when there
    are MOST_PROBES, (name_taken).
    """
    fields, wanted = checked_terms(terms), checked_steps(steps)
    _lock_all()
    if Probe.objects.count() >= MOST_PROBES:
        raise Conflict(_("There are %(most)d probes, which is the most there can be. Delete one first.") % {"most": MOST_PROBES}, code="too_many")
    _refuse_same_name(fields["name"])
    changes = _take_over_the_feed(fields)
    probe = Probe(created_by=actor.label, due_at=clock.now(), **fields)
    probe.save()
    _write_steps(probe, wanted)
    changes |= {field: (None, value) for field, value in shown_of(probe).items() if value}
    _record(actor, HealthAction.CREATE_PROBE, probe, reason, changes)
    return probe


@transaction.atomic
def change_probe(*, actor: Actor, probe_id: int, terms: Terms, steps: Sequence[Step], reason: str = "") -> Probe:
    """Change what it looks at, how often, and when it is down. It looks at once, and what is known of it stays until then. A header's value
    that is KEPT stays what it was.

    Raises NotFound, Invalid, Conflict (unchanged) when nothing would change, and (name_taken).
    """
    fields = checked_terms(terms)
    _lock_all()
    probe = _locked(probe_id)
    wanted = checked_steps(with_kept(steps, probe))
    before, kept = shown_of(probe), [headers_of(step) for step in probe.steps.order_by("position")]
    _refuse_same_name(fields["name"], but=probe_id)
    changes = _take_over_the_feed(fields, probe_id)
    for field, value in fields.items():
        setattr(probe, field, value)
    probe.turn += 1
    probe.due_at = None if probe.paused_at else clock.now()
    probe.save()
    _write_steps(probe, wanted)
    after = shown_of(probe)
    changes |= {field: (before.get(field), after.get(field)) for field in {**before, **after} if before.get(field) != after.get(field)}
    if kept != [step.headers for step in wanted]:
        changes["headers"] = ("•••", "•••")
    if not changes:
        raise Conflict(_("“%(name)s” is exactly like this already.") % {"name": probe.name}, code="unchanged")
    _record(actor, HealthAction.CHANGE_PROBE, probe, reason, changes)
    return probe


@transaction.atomic
def pause_probe(*, actor: Actor, probe_id: int, reason: str) -> Probe:
    """From now on it looks only when somebody asks, and that doesn't change its state. Raises NotFound, Conflict, Invalid."""
    probe, reason = _locked(probe_id), _needed(reason)
    if probe.paused_at is not None:
        raise Conflict(_("“%(name)s” is paused already.") % {"name": probe.name}, code="already_paused")
    probe.paused_at, probe.paused_by, probe.pause_reason = clock.now(), actor.label, reason[:500]
    probe.due_at, probe.turn = None, probe.turn + 1
    probe.save()
    _record(actor, HealthAction.PAUSE_PROBE, probe, reason, {"paused": (False, True)})
    return probe


@transaction.atomic
def resume_probe(*, actor: Actor, probe_id: int, reason: str = "") -> Probe:
    """It looks at once and is judged again; what was before the pause is forgotten. Raises NotFound, Conflict."""
    probe = _locked(probe_id)
    if probe.paused_at is None:
        raise Conflict(_("“%(name)s” is not paused.") % {"name": probe.name}, code="not_paused")
    now = clock.now()
    probe.paused_at, probe.paused_by, probe.pause_reason = None, "", ""
    probe.due_at, probe.turn, probe.failures = now, probe.turn + 1, 0
    flip(probe, Standing.NEW, at=now)
    probe.save()
    _record(actor, HealthAction.RESUME_PROBE, probe, reason, {"paused": (True, False)})
    return probe


@transaction.atomic
def delete_probe(*, actor: Actor, probe_id: int, reason: str) -> None:
    """Remove it with its results. Raises NotFound, Invalid without a reason."""
    probe, reason = _locked(probe_id, for_good=True), _needed(reason)
    _record(actor, HealthAction.DELETE_PROBE, probe, reason, {field: (value, None) for field, value in shown_of(probe).items() if value})
    probe.delete()


def _lock_all() -> None:
    """Whoever adds or changes one takes turns: so neither the limit, nor a name, nor the one that watches the feed is raced for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('health.probes'))")


def _locked(probe_id: int, *, for_good: bool = False) -> Probe:
    probe = Probe.objects.select_for_update(no_key=not for_good).filter(pk=probe_id).first()
    if probe is None:
        raise NotFound(_("There is no such probe."))
    return probe


def _refuse_same_name(name: str, *, but: int = 0) -> None:
    if Probe.objects.filter(name=name).exclude(pk=but).exists():
        raise Invalid(_("Another probe has this name."), field="name", code="name_taken")


def _take_over_the_feed(fields: dict[str, Any], probe_id: int = 0) -> dict[str, tuple[Any, Any]]:
    if not fields["watches_feed"]:
        return {}
    other = Probe.objects.select_for_update(no_key=True).filter(watches_feed=True).exclude(pk=probe_id).first()
    if other is None:
        return {}
    Probe.objects.filter(pk=other.pk).update(watches_feed=False)
    return {"watches_feed_before": (other.name, None)}


def _write_steps(probe: Probe, steps: Sequence[Step]) -> None:
    probe.steps.all().delete()
    probe.steps.bulk_create(rows_of(probe, steps))


def shown_of(probe: Probe) -> dict[str, str]:
    """What the audit log says of it. Headers by their names only."""
    shown = {
        "name": probe.name, "description": probe.description, "schedule": probe_words.schedule(probe), "time_limit": f"{probe.time_limit} s",
        "good_load_time": probe_words.seconds(probe.good_ms), "down_after": str(probe.down_after), "watches_feed": _("yes") if probe.watches_feed else "",
    }  # fmt: skip
    for step in probe.steps.order_by("position"):
        wants = [step.statuses, step.contains, f"{step.json_path} = {step.json_value}" if step.json_path else ""]
        names = f" ({', '.join(step.header_names)})" if step.header_names else ""
        shown[f"step_{step.position}"] = f"{step.method} {step.url}{names}: {'; '.join(want for want in wants if want)}"
    return shown


def _needed(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("Say why: it goes into the audit log."), field="reason")
    return line(reason)


def _record(actor: Actor, action_type: HealthAction, probe: Probe, reason: str, changes: Changes) -> None:
    record(actor=actor, action_type=action_type, entity_type="probe", entity_id=probe.pk, entity_label=probe.name, reason=reason, changes=changes)
