"""Sample runs of the jobs that are there: some that failed, one whose worker was lost, and slots of a job that was switched off.

All of them are over and in the past, so the real scheduler goes on as if they were its own.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from catalog.models import Offer
from jobs import registry
from jobs.engine.standing import ensure_rows
from jobs.job import Job
from jobs.models import FailedItem, ItemState, Lease, Run, RunBatch, Slot, State, Trigger
from jobs.schedule import due_between
from sandbox.calendar import Calendar
from switches.queries import states

RUNS = 100
# So long ago, at least, the newest began: it is over.
OVER = timedelta(minutes=2)
WORKER = "worker-1:4711"
TIMEOUT = (State.FAILED, "error", "OperationalError: canceling statement due to statement timeout")
LOST = (State.INTERRUPTED, "lost", "")
FAILING, FAILURES_IN_A_ROW = "alert-evaluator", 2
# By job and how many runs ago. The alert evaluator fails until a real one succeeds.
ENDS = {(FAILING, 70): TIMEOUT, (FAILING, 1): TIMEOUT, (FAILING, 0): TIMEOUT, ("price-tracker", 30): LOST, ("seal-audit-log", 77): LOST}
# Batches, items and seconds of a run; others do one batch of one item.
SIZES = {"price-tracker": (3, 276, 41.0), "anti-cilada": (1, 276, 3.1), FAILING: (1, 36, 0.9), "sweep": (1, 5, 0.4), "review-figures": (1, 20, 1.6)}
GIVEN_UP = 20
# Ana turned it off for two days.
SWITCHED, SWITCHED_OFF = "ENABLE_ANTI_CILADA", ((2, "16:40"), (4, "11:05"))
LOOKED = "What changed was looked at, 0 checkouts had changed: 0 findings opened, 0 closed."
SAID = {
    "billing-sweep": LOOKED,
    "price-tracker": "92 confirmed",
    "sweep": "outbox: 3",
    "seal-audit-log": "14 rows in seals #1 to #1.",
    "verify-audit-log": "Seals #1 to #1: 14 rows, 0 findings.",
}
# Which of its runs, counted from the oldest, looked at everything; the others at what changed.
EVERYTHING = 40


def load(calendar: Calendar) -> None:
    """For every registered job; how far the real scheduler and its leases have come stays as it is."""
    ensure_rows(registry.all_jobs())
    switched_off = [calendar.at(day, clock) for day, clock in SWITCHED_OFF]
    for job in registry.all_jobs():
        dues = _dues(job, calendar)
        if not dues:
            continue
        off = [due for due in dues if job.switch == SWITCHED and switched_off[0] <= due < switched_off[1]]
        dues = [due for due in dues if due not in off]
        runs = Run.objects.bulk_create([_run(job.name, due, len(dues) - 1 - place) for place, due in enumerate(dues)])
        Slot.objects.bulk_create([Slot(job=job.name, due_at=due, made_at=due, run=run) for due, run in zip(dues, runs, strict=True)])
        Slot.objects.bulk_create([Slot(job=job.name, due_at=due, made_at=due, reason="switch_off") for due in off])
        RunBatch.objects.bulk_create([batch for run in runs for batch in _batches(run)])
    # The next real run counts on from there.
    Lease.objects.filter(run=None, token__lt=RUNS).update(token=RUNS)
    _failing()
    _given_up()


def _dues(job: Job, calendar: Calendar) -> list[datetime]:
    """Where real slots are, since the day before the program."""
    zone = timezone.get_default_timezone()
    return due_between(job.schedule, calendar.at(0, "12:00"), calendar.now - OVER, zone, most=RUNS)


def _run(job: str, due: datetime, number: int) -> Run:
    state, because, error = ENDS.get((job, number), (State.SUCCEEDED, "all_done", ""))
    is_whole = state == State.SUCCEEDED
    batches, items, seconds = SIZES.get(job, (1, 1, 0.4))
    started = due + timedelta(seconds=0.3)
    took = timedelta(seconds=seconds + number * 37 % 19 / 10 if is_whole else 15)
    return Run(
        job=job, state=state, trigger=Trigger.SCHEDULE, actor_label="jobs", due_at=due, created_at=due, sent_at=due, started_at=started,
        heartbeat_at=started + took, ended_at=started + took + timedelta(seconds=90 if because == "lost" else 0), worker=WORKER, token=RUNS - number,
        batches=batches * is_whole, items=items * is_whole, failed_items=int(is_whole and job == "price-tracker" and number == GIVEN_UP),
        ended_because=because, error=error,
    )  # fmt: skip


def _batches(run: Run) -> list[RunBatch]:
    assert run.started_at is not None
    assert run.duration is not None
    lines = [SAID[run.job]] if run.job in SAID else []
    cursor = None if run.job != "billing-sweep" else "everything" if run.token == EVERYTHING else "changed"
    step, share = run.duration / max(1, run.batches), run.items // max(1, run.batches)
    return [
        RunBatch(
            run=run, number=number, ended_at=run.started_at + step * number, seconds=step.total_seconds(), items=share,
            failed_items=run.failed_items if number == 1 else 0, lines=lines, cursor=cursor,
        )
        for number in range(1, run.batches + 1)
    ]  # fmt: skip


def _failing() -> None:
    """Two failures in a row; more than three turn its switch off."""
    switch = states([registry.get(FAILING).switch])[registry.get(FAILING).switch]
    Lease.objects.filter(pk=FAILING).update(failures=FAILURES_IN_A_ROW, failures_version=switch.version)


def _given_up() -> None:
    """An offer's page that answers with an error, tried five times."""
    run = Run.objects.filter(job="price-tracker", failed_items=1).latest("pk")
    assert run.ended_at is not None
    offer = Offer.objects.filter(error_code="http_500").earliest("pk")
    FailedItem.objects.create(
        job=run.job, key=str(offer.pk), run=run, state=ItemState.GIVEN_UP, error=offer.error, attempts=5,
        first_failed_at=run.created_at - timedelta(hours=4), last_failed_at=run.ended_at,
    )  # fmt: skip
