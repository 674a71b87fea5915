"""How a run ends, and the breaker: more than three failures in a row turn the job's switch off."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from jobs.engine.lease import Held, LeaseLost
from jobs.models import Lease, Run, State
from opsportal import clock
from opsportal.errors import Conflict
from switches import actions as switches
from switches.queries import states

FAILURES_ALLOWED = 3
# Of an error, so that all of them find room in the reason.
SHORT = 90
ACTOR = Actor.system("jobs")


@dataclass(frozen=True, slots=True)
class Ended:
    """`because`: the codes of jobs/words.py."""

    state: State
    because: str
    error: str = ""
    # Whether it says something about the job: what only tried failed items again in vain neither counts nor clears.
    tells: bool = True


def end(held: Held, ended: Ended) -> None:
    """Write the end and give the lease back. Raises LeaseLost when somebody else has it: then the run was ended for us."""
    with transaction.atomic():
        lease = Lease.objects.select_for_update(no_key=True).filter(pk=held.job.name, token=held.token, run=held.run).first()
        if lease is None:
            raise LeaseLost
        now = clock.now()
        Run.objects.filter(pk=held.run.pk).update(state=ended.state, ended_because=ended.because, error=ended.error, heartbeat_at=now, ended_at=now)
        lease.until = lease.run = None
        if ended.state == State.INTERRUPTED:
            # It neither failed nor ran: the next slot takes over at once. A re-run had no part in the interval.
            lease.ran_at = lease.ran_at if held.run.again_id else None
        elif ended.state == State.SUCCEEDED and ended.tells:
            lease.failures = 0
        elif ended.state == State.FAILED and ended.tells:
            _count_failure(held, lease)
        lease.save(update_fields=["until", "run", "ran_at", "failures", "failures_version"])


def _count_failure(held: Held, lease: Lease) -> None:
    switch = states([held.job.switch]).get(held.job.switch)
    if switch is None:
        return
    lease.failures = lease.failures + 1 if lease.failures_version == switch.version else 1
    lease.failures_version = switch.version
    if lease.failures <= FAILURES_ALLOWED or not switch.is_on_here:
        return
    errors = Run.objects.filter(job=held.job.name, state=State.FAILED, again=None).order_by("-id").values_list("id", "error")[: lease.failures]
    said = " · ".join(f"#{run_id}: {error.splitlines()[0][:SHORT] if error else ''}" for run_id, error in errors)
    reason = _("%(job)s failed %(times)s times in a row. %(errors)s") % {"job": held.job.name, "times": lease.failures, "errors": said}
    try:
        switches.turn_off(actor=ACTOR, name=held.job.switch, reason=reason[:1000])
    except Conflict:
        return  # somebody was quicker


_REAP = """
    WITH lost AS (
        SELECT job, run_id FROM jobs_lease WHERE until <= clock_timestamp() AND (%(job)s::text IS NULL OR job = %(job)s)
        ORDER BY job FOR NO KEY UPDATE SKIP LOCKED),
    freed AS (
        UPDATE jobs_lease l SET token = token + 1, until = NULL, run_id = NULL,
            ran_at = (SELECT l.ran_at FROM jobs_run a WHERE a.id = lost.run_id AND a.again_id IS NOT NULL)
        FROM lost WHERE l.job = lost.job)
    UPDATE jobs_run r SET state = 'interrupted', ended_because = 'lost', ended_at = clock_timestamp()
    FROM lost WHERE r.id = lost.run_id AND r.state = 'running' RETURNING r.id, r.job
"""


def reap(job: str | None = None) -> list[int]:
    """End the runs whose lease is over: their worker died, or sleeps. Its token is worth nothing from here on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REAP, {"job": job})
        return [row[0] for row in cursor.fetchall()]
