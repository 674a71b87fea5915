from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from jobs import registry, words
from jobs.action_types import JobAction
from jobs.engine.ending import reap
from jobs.engine.sending import send_waiting
from jobs.engine.standing import Why, standing
from jobs.models import FailedItem, ItemState, Run, State, Trigger
from opsportal import clock
from opsportal.errors import Conflict, NotFound


class NotRun(Conflict):
    """The job does not run now. `facts` has the reason (master_off, switch_off, too_soon, already_running), and until when if that is known."""

    def __init__(self, why: Why) -> None:
        facts = {"reason": why.code} | ({"until": why.until.isoformat()} if why.until else {}) | ({"run_id": why.run_id} if why.run_id else {})
        super().__init__(words.not_run(why.code, why.until), code="not_run", **facts)


@transaction.atomic
def request_run(*, actor: Actor, job: str, trigger: Trigger) -> Run:
    """Queue a run now, past the schedule but not past the checks. Raises NotFound, NotRun.

    Sends no message when the transaction is rolled back; one that is lost is sent again with a tick.
    """
    return _queue(actor, job, trigger, JobAction.RUN_JOB)


@transaction.atomic
def rerun_failed_items(*, actor: Actor, run_id: int, trigger: Trigger = Trigger.PERSON) -> Run:
    """Queue a run of the items that failed in that run and are not done since, those that were given up as well.

    The minimum interval does not hold it back: it does few items, and leaves the cursor where it is. Raises NotFound,
    NotRun, Conflict when nothing is left to do.
    """
    run = get_run(run_id)
    if not FailedItem.objects.filter(run=run).exclude(state=ItemState.SETTLED).exists():
        raise Conflict(_("No item of this run waits any more."), code="nothing_failed")
    return _queue(actor, run.job, trigger, JobAction.RERUN_FAILED_ITEMS, again=run)


@transaction.atomic
def stop_run(*, actor: Actor, run_id: int, reason: str = "") -> Run:
    """End it before its next batch; one that still waits ends at once. What was done stays done. Raises NotFound, Conflict."""
    run = Run.objects.select_for_update(no_key=True).filter(pk=run_id).first() or get_run(run_id)
    if not run.is_active:
        raise Conflict(_("This run has ended already."))
    if run.stop_asked_at is not None:
        raise Conflict(_("%(who)s stopped it already; it ends before its next batch.") % {"who": run.stop_asked_by})
    run.stop_asked_at, run.stop_asked_by = clock.now(), actor.label[:200]
    if run.state == State.QUEUED:
        run.state, run.ended_because, run.ended_at = State.STOPPED, "stopped", run.stop_asked_at
    run.save(update_fields=["stop_asked_at", "stop_asked_by", "state", "ended_because", "ended_at"])
    record(actor=actor, action_type=JobAction.STOP_RUN, entity_type="run", entity_id=run.pk, entity_label=str(run), reason=reason[:500])
    return run


def get_run(run_id: int) -> Run:
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("There is no run %(number)s.") % {"number": run_id}, code="run_unknown")
    return run


def _queue(actor: Actor, name: str, trigger: Trigger, action: JobAction, again: Run | None = None) -> Run:
    job = registry.get(name)
    reap(name)
    if why := standing(job).why_not(clock.now(), ignore_interval=again is not None):
        raise NotRun(why)
    run = Run(job=name, trigger=trigger, again=again, actor_kind=actor.kind, actor_id=actor.id[:100], actor_label=actor.label[:200])
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        # Somebody else queued one at this moment: the constraint on active runs decides.
        raise NotRun(Why("already_running")) from None
    changes = {"again": (None, again.pk)} if again else None
    record(actor=actor, action_type=action, entity_type="run", entity_id=run.pk, entity_label=str(run), changes=changes)
    # A run that nobody was told of is found by the tick: what goes wrong here is not for who asked.
    transaction.on_commit(send_waiting, robust=True)
    return run
