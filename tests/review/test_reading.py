"""Reading in threads, with real connections: what the other tests do in their own."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, connections

from audit.models import AuditLog
from opsportal import clock
from opsportal.errors import Conflict, NotFound
from opsportal.sharing import shared
from review import actions, reading
from review.models import Review, ReviewLine
from review.queries.review import page_of
from tests.factories import make_person
from tests.live import ROOT, _url_of
from tests.review.conftest import answer

LONG = 60


@pytest.fixture
def in_threads(transactional_db, monkeypatch):
    monkeypatch.setattr("review.reading.in_threads", True)
    monkeypatch.setattr("review.reading._readers", None)
    yield
    if reading._readers:
        reading._readers.shutdown()


def begin(kind="morning"):
    return actions.begin_review(actor=make_person(role="cto").actor, kind=kind)


def until(condition):
    deadline = time.monotonic() + LONG
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def states(review):
    return dict(review.lines.values_list("key", "state"))


def sleep_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(600)")


def backends():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


def test_each_line_has_its_own_thread_limit_and_fate(in_threads, lines):
    go_on = threading.Event()
    asked = []

    def held():
        assert go_on.wait(LONG)
        return answer("warn")

    def expensive():
        return shared("feeds", lambda: asked.append(threading.current_thread().name) or len(asked))

    lines("asleep", sleep_in_the_database, seconds=0.3)
    lines("broken", lambda: 1 / 0)
    lines("held", held)
    lines("one", lambda: answer("ok", expensive()))
    lines("two", lambda: answer("ok", expensive()))
    review = begin()
    # All but the one that is held have come: neither it nor the one that sleeps holds the others up.
    until(lambda: states(review) == {"asleep": "unknown", "broken": "unknown", "held": "", "one": "ok", "two": "ok"})
    page = page_of("morning", review.day)
    assert (page.pending, page.line("held").pending, page.counts["unknown"]) == (1, True, 3)
    assert dict(review.lines.values_list("key", "error")) == {"asleep": "timeout", "broken": "failed", "held": "", "one": "", "two": ""}
    assert len(asked) == 1
    assert asked[0].startswith("review")
    go_on.set()
    until(lambda: states(review)["held"] == "warn")
    # Each reader gives its connection back.
    until(lambda: backends() == 0)


def test_an_answer_after_a_newer_question_is_dropped(in_threads, lines):
    figures, asked, go_on = iter([1, 2]), threading.Semaphore(0), [threading.Event(), threading.Event()]

    def read():
        number = next(figures)
        asked.release()
        assert go_on[number - 1].wait(LONG)
        return answer("ok", number)

    lines("speed", read)
    review = begin()
    assert asked.acquire(timeout=LONG)
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        assert reading.ask(review) == 1
    assert asked.acquire(timeout=LONG)
    go_on[1].set()
    until(lambda: states(review) == {"speed": "ok"})
    go_on[0].set()
    until(lambda: backends() == 0)
    assert review.lines.get().figure.value == 2


def test_an_answer_after_the_signature_is_dropped(db, lines, monkeypatch):
    asked: list[reading.Question] = []
    lines("speed", lambda: answer("fail"))
    review = begin()
    ReviewLine.objects.update(state="warn")
    monkeypatch.setattr("review.reading._begin", asked.extend)
    reading.ask(review)
    actions.sign_review(actor=make_person(role="cto").actor, kind="morning", day=review.day, reason="known")
    reading._read(asked[0])
    assert states(review) == {"speed": "warn"}


def test_two_who_begin_or_sign_at_once(in_threads, lines):
    lines("speed")
    people = [make_person(role="cto").actor for _number in range(20)]
    together = threading.Barrier(20)

    def run(act):
        def one(actor):
            try:
                together.wait(LONG)
                return act(actor)
            except Conflict as refused:
                return refused.code
            finally:
                connections.close_all()

        with ThreadPoolExecutor(20) as pool:
            return list(pool.map(one, people))

    begun = run(lambda actor: actions.begin_review(actor=actor, kind="morning").pk)
    review = Review.objects.get()
    assert begun == [review.pk] * 20
    signed = run(lambda actor: actions.sign_review(actor=actor, kind="morning", day=review.day).pk)
    assert sorted(signed, key=str) == [review.pk, *["review_signed"] * 19]
    assert list(AuditLog.objects.order_by("id").values_list("action_type", flat=True)) == ["BEGIN_REVIEW", "SIGN_REVIEW"]


KILLED = """
import os, time, django
django.setup()
from opsportal.lines import Line, register_line, lines_of, unregister_line
from audit.actors import Actor
from review.actions import begin_review
for line in lines_of("morning"):
    unregister_line(line.key)
register_line(Line("speed", "feed", "?", "", lambda: time.sleep(600), "review.view"))
begin_review(actor=Actor.cli(), kind="morning")
time.sleep(600)
"""


def test_a_process_that_is_killed_while_it_reads(transactional_db, lines):
    url = _url_of(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"]))
    environment = {**os.environ, "OPS_ENV": "test", "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "opsportal.settings"}
    process = subprocess.Popen([sys.executable, "-c", KILLED], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        until(lambda: ReviewLine.objects.filter(asked_at__isnull=False).exists())
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(LONG)
    lines("speed", lambda: answer("ok"))
    review = Review.objects.get()
    asked = review.lines.get().asked_at
    with time_machine.travel(asked + timedelta(seconds=29)):
        assert page_of("morning", review.day).pending == 1
        assert reading.ask(review) == 0
    with time_machine.travel(asked + timedelta(seconds=31)):
        line = page_of("morning", review.day).line("speed")
        assert (line.state, line.pending, str(line.error)) == ("unknown", False, "The answer never came. Read it again.")
        assert reading.ask(review) == 1
        assert page_of("morning", review.day).line("speed").state == "ok"


def test_asking_again(db, lines):
    figures = iter([1, 2])
    lines("speed", lambda: answer("ok", next(figures)))
    lines("other", lambda: answer("ok", 5))
    review = begin()
    before = AuditLog.objects.count()
    assert reading.ask(review, ["speed"]) == 1
    assert {line.key: line.figure.value for line in review.lines.all()} == {"speed": 2, "other": 5}
    assert AuditLog.objects.count() == before
    with pytest.raises(NotFound):
        reading.ask(review, ["nothing"])
    actions.sign_review(actor=make_person(role="cto").actor, kind="morning", day=review.day)
    with pytest.raises(Conflict):
        reading.ask(review)


@pytest.mark.parametrize(
    ("before", "after", "stays"),
    [
        ("ok", "ok", True),
        ("fail", "warn", True),
        ("fail", "unknown", True),
        ("ok", "warn", False),
        ("warn", "unknown", False),
        ("unknown", "fail", False),
    ],
)
def test_a_tick_stays_unless_the_line_became_worse(db, lines, before, after, stays):
    answers = iter([before, after])
    lines("speed", lambda: answer(next(answers)))
    review = begin()
    actions.tick_line(actor=make_person(name="Ana", role="cto").actor, kind="morning", day=review.day, key="speed")
    reading.ask(review)
    assert bool(review.lines.get().ticked_at) is stays
    row = AuditLog.objects.latest("id")
    if stays:
        assert row.action_type == "TICK_LINE"
    else:
        assert (row.action_type, row.actor_label, row.changes) == (
            "UNTICK_LINE", "review", {"ticked_by": ["Ana (CTO)", ""], "state": [before, after]},
        )  # fmt: skip
