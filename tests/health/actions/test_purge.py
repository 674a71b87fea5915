from datetime import timedelta

from audit.actors import Actor
from health.actions import purge_ping_events
from health.models import PingEvent, PingFlip
from opsportal import clock
from tests.factories import make_ping, make_ping_event

SWEEP = Actor.system("sweep")


def test_old_events_and_flips_go_and_others_stay(db):
    ping, now = make_ping(), clock.now()
    kept = [make_ping_event(ping, created_at=now - timedelta(days=29)).pk]
    make_ping_event(ping, created_at=now - timedelta(days=31))
    for days in (92, 94):
        PingFlip.objects.create(ping=ping, at=now - timedelta(days=days), before="up", after="down", why="late")
    assert purge_ping_events(actor=SWEEP) == 2
    assert (list(PingEvent.objects.values_list("pk", flat=True)), PingFlip.objects.count()) == (kept, 1)
    assert purge_ping_events(actor=SWEEP) == 0


def test_each_ping_keeps_its_last_ones(db, monkeypatch):
    monkeypatch.setattr("health.actions.purge.MOST_EVENTS", 2)
    now, pings = clock.now(), [make_ping(), make_ping()]
    made = [[make_ping_event(ping, created_at=now - timedelta(minutes=number)).pk for number in range(4)] for ping in pings]
    assert purge_ping_events(actor=SWEEP) == 4
    assert set(PingEvent.objects.values_list("pk", flat=True)) == {*made[0][:2], *made[1][:2]}


def test_no_more_than_asked_for_at_once(db):
    ping = make_ping()
    for _number in range(5):
        make_ping_event(ping, created_at=clock.now() - timedelta(days=40))
    assert [purge_ping_events(actor=SWEEP, most=2) for _time in range(4)] == [2, 2, 1, 0]
