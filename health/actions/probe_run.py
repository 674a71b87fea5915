from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from health import probe_words
from health.action_types import HealthAction
from health.models import Probe, ProbeResult
from health.probing.looking import look
from health.probing.planning import plan_of
from health.probing.writing import write_outcome
from opsportal.errors import Conflict, NotFound


def run_probe(*, actor: Actor, probe_id: int) -> ProbeResult:
    """Look now, whatever the schedule; also at one that is paused, whose state stays as it is. Takes up to its time limit.

    Raises NotFound, and Conflict (moved) where it was changed or looked at by somebody else meanwhile: nothing is written then.
    """
    probe = Probe.objects.filter(pk=probe_id).first()
    if probe is None:
        raise NotFound(_("There is no such probe."))
    plan = plan_of(probe)
    if not connection.in_atomic_block:
        # Back into the pool: a server that hangs must not keep a connection to the database.
        connection.close()
    outcome = look(plan)
    with transaction.atomic():
        result = write_outcome(probe_id, plan.turn, outcome, asked_by=actor.label)
        if result is None:
            raise Conflict(
                _("“%(name)s” was changed, or looked at by somebody else, at the same time. Look again.") % {"name": probe.name}, code="moved"
            )
        said = "ok" if result.ok else probe_words.why(result.fault, {**result.facts, "step": result.step})
        record(
            actor=actor, action_type=HealthAction.RUN_PROBE, entity_type="probe", entity_id=probe.pk, entity_label=probe.name,
            changes={"result": (None, said), "ms": (None, result.ms)},
        )  # fmt: skip
    return result
