from datetime import timedelta

from django.db import connection

from jobs.models import Run
from jobs.queries import figures_of, find_run, newest_runs, open_items, runs_of
from jobs.queries.run import _NEWEST, neighbors
from opsportal import clock
from tests.factories import make_failed_item, make_run
from tests.jobs.conftest import run_now


def lasting(seconds, **fields):
    now = clock.now()
    return make_run(started_at=now - timedelta(seconds=seconds), ended_at=now, **fields)


def test_run_that_goes_on_is_read_with_the_figures_of_the_moment(trial):
    read = []

    def look(batch):
        run = Run.objects.get()
        found = [find_run(run.pk), *newest_runs(["trial"], 5)["trial"], *(one.follow() for one in runs_of("trial"))]
        read.append([(one.state, one.batches, one.items, one.failed_items, one.heartbeat_at > one.started_at) for one in found])
        assert (run.batches, find_run(run.pk).cursor_after) == (0, {1: None, 101: 100, 201: 200}[batch.items[0].value])

    trial.fetches = look
    trial.before = lambda batch: batch.items[0].value == 1 and batch.fail(batch.items[0], "no")
    run_now(trial)
    assert read == [[("running", batches, 100 * batches, failed, batches > 0)] * 3 for batches, failed in ((0, 0), (1, 1), (2, 1))]
    assert [(run.batches, run.items) for run in (find_run(Run.objects.get().pk), *newest_runs(["trial"], 5)["trial"])] == [(3, 250)] * 2


def test_figures_are_of_runs_that_came_to_their_end(db):
    runs = [lasting(seconds, items=10) for seconds in range(1, 21)]
    runs += [lasting(500, state="interrupted"), make_run(state="running", started_at=clock.now() - timedelta(hours=1)), make_run(state="refused")]
    figures = figures_of(runs)
    assert (figures.runs, figures.median, figures.p95, round(figures.items_per_second, 3)) == (20, 10.5, 19.0, round(200 / 210, 3))


def test_figures_of_no_run_are_unknown():
    assert (figures_of([]).runs, figures_of([]).median, figures_of([]).items_per_second) == (0, None, None)


def test_newest_runs_of_each_job_with_the_first_line_of_the_error(db):
    runs = [make_run(job, error=f"{job} no\nmore") for job in ("a", "b", "a", "a")]
    found = newest_runs(["a", "b", "c"], 2)
    assert {job: [run.pk for run in of_job] for job, of_job in found.items()} == {"a": [runs[3].pk, runs[2].pk], "b": [runs[1].pk]}
    assert found["b"][0].said == "b no"


def test_open_items_are_counted_so_far(db, monkeypatch):
    run = make_run()
    for state, count in (("waiting", 3), ("given_up", 2), ("settled", 1)):
        for number in range(count):
            make_failed_item(key=f"{state} {number}", state=state, run=run)
    found = open_items(["trial", "other"])
    assert (found["trial"].waiting, found["trial"].given_up, found["trial"].total, found["other"].total) == (3, 2, 5, 0)


def test_neighbors_are_of_the_same_job(db):
    first, _other, second = make_run(), make_run("other"), make_run()
    assert (neighbors(first), neighbors(second)) == ((None, second.pk), (first.pk, None))


def test_newest_runs_are_found_by_their_job_not_among_those_of_all_jobs(trial):
    """What kept Jobs fast with one job and slow with many: going back through the runs of all."""
    fill = "INSERT INTO jobs_run (job, state, trigger, actor_kind) SELECT 'job-' || g % 3, 'succeeded', 'schedule', 'system' FROM generate_series(1, 3000) g"
    with connection.cursor() as cursor:
        cursor.execute(fill)
        cursor.execute("ANALYZE jobs_run")
        cursor.execute(f"EXPLAIN {_NEWEST}", [["job-1", "seldom"], 1])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert ("jobs_run_newest" in plan, "jobs_run_pkey" in plan) == (True, False)
