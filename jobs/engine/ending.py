"""How a run ends, and the breaker: more than three failures in a row turn the job's switch off."""

from contextlib import nullcontext
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from jobs.engine.lease import Held, LeaseLost
from jobs.models import Lease, Run, State
from opsportal import clock
from opsportal.errors import Conflict
from opsportal.postgres.prepared import fetch_one
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


# An interrupted run neither failed nor ran: the next slot takes over at once; a re-run had no part in the interval.
_END = """
    WITH given AS (
        UPDATE jobs_lease SET until = NULL, run_id = NULL, ran_at = CASE WHEN %(frees)s THEN NULL ELSE ran_at END,
            failures = CASE WHEN %(clears)s THEN 0 ELSE failures END
        WHERE job = %(job)s AND token = %(token)s AND run_id = %(run)s RETURNING cursor, batches, items, failed_items)
    UPDATE jobs_run SET state = %(state)s, ended_because = %(because)s, error = %(error)s, heartbeat_at = %(now)s, ended_at = %(now)s,
        cursor_after = given.cursor, batches = given.batches, items = given.items, failed_items = given.failed_items
    FROM given WHERE id = %(run)s RETURNING id
"""


def end(held: Held, ended: Ended) -> None:
    """Write the end and give the lease back. Raises LeaseLost when somebody else has it: then the run was ended for us."""
    counts = ended.state == State.FAILED and ended.tells
    values = {
        "job": held.job.name, "token": held.token, "run": held.run.pk, "now": clock.now(), "state": str(ended.state), "because": ended.because,
        "error": ended.error, "frees": ended.state == State.INTERRUPTED and held.run.again_id is None,
        "clears": ended.state == State.SUCCEEDED and ended.tells,
    }  # fmt: skip
    with transaction.atomic() if counts else nullcontext():
        if fetch_one(_END, values) is None:
            raise LeaseLost
        if counts:
            _count_failure(held, Lease.objects.get(pk=held.job.name))


def _count_failure(held: Held, lease: Lease) -> None:
    switch = states([held.job.switch]).get(held.job.switch)
    if switch is None:
        return
    lease.failures = lease.failures + 1 if lease.failures_version == switch.version else 1
    lease.failures_version = switch.version
    lease.save(update_fields=["failures", "failures_version"])
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
        SELECT job, run_id, heartbeat_at, cursor, batches, items, failed_items FROM jobs_lease
        WHERE until <= clock_timestamp() AND (%(job)s::text IS NULL OR job = %(job)s)
        ORDER BY job FOR NO KEY UPDATE SKIP LOCKED),
    freed AS (
        UPDATE jobs_lease l SET token = token + 1, until = NULL, run_id = NULL,
            ran_at = (SELECT l.ran_at FROM jobs_run a WHERE a.id = lost.run_id AND a.again_id IS NOT NULL)
        FROM lost WHERE l.job = lost.job)
    UPDATE jobs_run r SET state = 'interrupted', ended_because = 'lost', ended_at = clock_timestamp(), heartbeat_at = lost.heartbeat_at,
        cursor_after = lost.cursor, batches = lost.batches, items = lost.items, failed_items = lost.failed_items
    FROM lost WHERE r.id = lost.run_id AND r.state = 'running' RETURNING r.id, r.job
"""


def reap(job: str | None = None) -> list[int]:
    """End the runs whose lease is over: their worker died, or sleeps. Its token is worth nothing from here on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REAP, {"job": job})
        return [row[0] for row in cursor.fetchall()]
