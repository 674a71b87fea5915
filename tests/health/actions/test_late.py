import threading
from datetime import timedelta

import time_machine
from django.db import connection

from audit.actors import Actor
from audit.models import AuditLog
from health import sweeping
from health.actions import record_late_pings
from health.models import Ping, PingFlip
from jobs.deadline import Deadline
from opsportal import clock
from tests.factories import make_ping
from tests.health.calling import call

SWEEP = Actor.system("sweep")
HOUR = timedelta(hours=1)


def overdue(**fields):
    return call(make_ping(**fields), at=clock.now() - 5 * HOUR)


def test_a_silent_ping_falls_once_at_its_deadline(db):
    ping, other = overdue(), call(make_ping(), at=clock.now())
    deadline = ping.deadline
    assert [late.pk for late in record_late_pings(actor=SWEEP)] == [ping.pk]
    ping.refresh_from_db()
    assert (ping.verdict, ping.verdict_at, ping.why, ping.deadline, ping.expected_at) == ("down", deadline, "late", None, None)
    flip = PingFlip.objects.get(ping=ping, after="down")
    assert (flip.at, flip.before, flip.why, flip.recorded_at > flip.at) == (deadline, "up", "late", True)
    assert (record_late_pings(actor=SWEEP), AuditLog.objects.count(), Ping.objects.get(pk=other.pk).verdict) == ([], 0, "up")


def test_it_falls_at_the_very_deadline_and_not_before(db):
    ping = call(make_ping(), at=clock.now())
    with time_machine.travel(ping.deadline - timedelta(microseconds=1), tick=False):
        assert record_late_pings(actor=SWEEP) == []
    with time_machine.travel(ping.deadline, tick=False):
        assert len(record_late_pings(actor=SWEEP)) == 1


def test_paused_new_and_failed_ones_do_not_fall(db):
    now = clock.now()
    make_ping()
    make_ping(verdict="up", counted_from=now - 5 * HOUR, paused_at=now)
    call(make_ping(), "fail", at=now - 5 * HOUR)
    assert record_late_pings(actor=SWEEP) == []


def test_a_run_that_does_not_end_falls_too(db):
    call(make_ping(), "start", at=clock.now() - HOUR)
    assert [late.why for late in record_late_pings(actor=SWEEP)] == ["overrun"]


def test_the_sweep_takes_all_of_them_a_hundred_at_a_time(db):
    now = clock.now()
    Ping.objects.bulk_create(
        [
            Ping(name=f"{number}", every=HOUR, created_by="tests", verdict="up", counted_from=now - 5 * HOUR, deadline=now - HOUR)
            for number in range(205)
        ]
    )
    assert sweeping.record_late(Deadline(60)) == 205
    assert PingFlip.objects.filter(after="down").count() == 205
    assert sweeping.record_late(Deadline(60)) == 0


def test_many_at_once_write_each_fall_once(transactional_db):
    pings = [overdue() for _number in range(20)]
    start, found = threading.Barrier(8), []

    def sweep() -> None:
        try:
            start.wait(30)
            for _time in range(5):
                found.extend(late.pk for late in record_late_pings(actor=SWEEP, most=3))
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == sorted(ping.pk for ping in pings)
    assert PingFlip.objects.filter(after="down").count() == 20


def test_a_call_that_is_just_coming_in_writes_the_fall_itself(transactional_db, connect):
    ping = overdue()
    with connect() as sql:
        sql.execute("SELECT 1 FROM pings WHERE id = %s FOR NO KEY UPDATE", [ping.pk])
        # As a call holds it; the sweep passes over it and does not wait.
        assert record_late_pings(actor=SWEEP) == []
    ping = call(ping, at=clock.now())
    assert (ping.verdict, list(PingFlip.objects.order_by("pk").values_list("after", flat=True))) == ("up", ["up", "down", "up"])
