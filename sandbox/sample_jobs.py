"""Sample runs of the jobs that are there: some that failed, one whose worker was lost, and a slot that was too soon.

All of them are over and in the past, so the real scheduler goes on as if they were its own.
"""

from datetime import UTC, datetime, timedelta

from jobs import registry
from jobs.engine.standing import ensure_rows
from jobs.models import FailedItem, ItemState, Lease, Run, RunBatch, Slot, State, Trigger
from opsportal import clock
from switches.queries import states

RUNS = 100
WORKER = "worker-1:4711"
TIMEOUT = (State.FAILED, "error", "OperationalError: canceling statement due to statement timeout")
LOST = (State.INTERRUPTED, "lost", "")
# By job and how many runs ago. The sweep fails until a real one succeeds.
ENDS = {("sweep", 41): LOST, ("sweep", 19): TIMEOUT, ("sweep", 1): TIMEOUT, ("sweep", 0): TIMEOUT, ("seal-audit-log", 77): LOST}
FAILURES_IN_A_ROW = 2
GIVEN_UP = 12
LOOKED = "What changed was looked at, 0 checkouts had changed: 0 findings opened, 0 closed."
SAID = {
    "billing-sweep": LOOKED,
    "sweep": "outbox: 3",
    "seal-audit-log": "14 rows in seals #1 to #1.",
    "verify-audit-log": "Seals #1 to #1: 14 rows, 0 findings.",
}
# Which of its runs, counted from the oldest, looked at everything; the others at what changed.
EVERYTHING = 40
FAILED_KEY = "outbox of a removed destination"


def load() -> None:
    """For every registered job; how far the real scheduler and its leases have come stays as it is."""
    ensure_rows(registry.all_jobs())
    for job in registry.all_jobs():
        step = min(job.schedule.interval, timedelta(minutes=5))
        last = _on_the_grid(clock.now() - step, step)
        runs = Run.objects.bulk_create([_run(job.name, last - number * step, number) for number in reversed(range(RUNS))])
        Slot.objects.bulk_create([Slot(job=job.name, due_at=last - (RUNS - 1 - place) * step, run=run) for place, run in enumerate(runs)])
        Slot.objects.create(job=job.name, due_at=last - step / 2, reason="too_soon", until=last)
        RunBatch.objects.bulk_create([_batch(run) for run in runs if run.batches])
    # The next real run counts on from there.
    Lease.objects.filter(run=None, token__lt=RUNS).update(token=RUNS)
    _failing("sweep")


def _on_the_grid(moment: datetime, step: timedelta) -> datetime:
    """Where real slots are: on whole multiples of the step."""
    return datetime.fromtimestamp(moment.timestamp() // step.total_seconds() * step.total_seconds(), UTC)


def _run(job: str, due: datetime, number: int) -> Run:
    state, because, error = ENDS.get((job, number), (State.SUCCEEDED, "all_done", ""))
    is_whole = state == State.SUCCEEDED
    started = due + timedelta(seconds=0.3)
    took = timedelta(seconds=0.4 + number * 37 % 19 / 10 + (0 if is_whole else 15))
    return Run(
        job=job, state=state, trigger=Trigger.SCHEDULE, actor_label="jobs", due_at=due, created_at=due, sent_at=due, started_at=started,
        heartbeat_at=started + took, ended_at=started + took + timedelta(seconds=90 if because == "lost" else 0), worker=WORKER, token=RUNS - number,
        batches=int(is_whole), items=(5 if job == "sweep" else 1) * is_whole, failed_items=int(is_whole and job == "sweep" and number == GIVEN_UP),
        ended_because=because, error=error,
    )  # fmt: skip


def _batch(run: Run) -> RunBatch:
    assert run.duration is not None
    assert run.ended_at is not None
    lines = [SAID[run.job]] if run.job in SAID else []
    seconds = run.duration.total_seconds()
    cursor = None if run.job != "billing-sweep" else "everything" if run.token == EVERYTHING else "changed"
    return RunBatch(
        run=run, number=1, ended_at=run.ended_at, seconds=seconds, items=run.items, failed_items=run.failed_items, lines=lines, cursor=cursor
    )


def _failing(job: str) -> None:
    """Two failures in a row, and an item that was given up."""
    switch = states([registry.get(job).switch])[registry.get(job).switch]
    Lease.objects.filter(pk=job).update(failures=FAILURES_IN_A_ROW, failures_version=switch.version)
    run = Run.objects.filter(job=job, failed_items=1).latest("pk")
    times = {"first_failed_at": run.created_at - timedelta(hours=1), "last_failed_at": run.ended_at}
    FailedItem.objects.create(
        job=job, key=FAILED_KEY, run=run, state=ItemState.GIVEN_UP, error="NotFound: there is no such destination.", attempts=5, **times
    )
