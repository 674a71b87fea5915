from datetime import UTC, datetime, timedelta

import time_machine

from jobs.deadline import Deadline
from jobs.job import Batch
from opsportal.sharing import shared
from review.jobs.figures import ReviewFigures, slot_of
from review.models import Sample
from tests.review.conftest import answer

AT = datetime(2026, 3, 10, 12, 20, 30, tzinfo=UTC)


def run(job=None, seconds=60.0, cursor=None):
    job = job or ReviewFigures()
    job.begin()
    batch = Batch(job.next_items(cursor, job.batch_size), Deadline(seconds))
    job.process(batch)
    return batch


def test_every_line_is_a_sample_also_one_that_cannot_be_read(db, lines):
    lines("speed", lambda: answer("warn", 8.8, "percent"))
    lines("broken", lambda: 1 / 0)
    with time_machine.travel(AT, tick=False):
        batch = run()
        run()
    slot = AT.replace(minute=15, second=0)
    assert list(Sample.objects.order_by("key").values_list("key", "at", "state", "value")) == [
        ("broken", slot, "unknown", None), ("speed", slot, "warn", 8.8),
    ]  # fmt: skip
    assert Sample.objects.get(key="speed").figure == {"value": 8.8, "unit": "percent", "of": None}
    assert batch.lines == ["broken: It could not be computed (ZeroDivisionError). The log says more."]


def test_lines_of_a_run_share_what_is_expensive(db, lines):
    asked = []

    def read():
        return answer("ok", shared("feeds", lambda: asked.append(1) or len(asked)))

    lines("one", read)
    lines("two", read)
    job = ReviewFigures()
    run(job)
    run(job)
    assert len(asked) == 2


def test_what_the_time_does_not_suffice_for_is_left_to_the_next_run(db, lines):
    for key in ("a", "b", "c"):
        lines(key)
    batch = run(seconds=0)
    assert (batch.done, list(Sample.objects.values_list("key", flat=True))) == (1, ["a"])
    assert [item.key for item in ReviewFigures().next_items("a", 10)] == ["b", "c"]


def test_moments_are_quarters_of_an_hour():
    assert [slot_of(AT + timedelta(minutes=minutes)).minute for minutes in (-6, 0, 9, 10)] == [0, 15, 15, 30]
