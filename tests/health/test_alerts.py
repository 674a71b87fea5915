import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from audit.actors import Actor
from health.actions import pause_ping, record_late_pings, resume_ping
from notify.models import Message
from tests.factories import make_destination, make_ping
from tests.health.calling import call

T = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def told(db):
    make_destination(name="pings")

    def messages():
        return [json.loads(message.body) for message in Message.objects.order_by("created_at", "key")]

    return messages


def test_a_fall_and_a_return_are_told_once_each(told, settings):
    ping = make_ping(name="Backup", slug="backup")
    call(ping, at=T)
    assert told() == []
    call(ping, "fail", at=T + HOUR / 2, exit_status=3)
    call(ping, "fail", at=T + HOUR / 2, exit_status=3)
    down = {
        "event": "ping.down", "ping": ping.pk, "name": "Backup", "slug": "backup", "at": "2026-11-20T12:30:00Z", "why": "fail", "exit_status": 3,
        "url": f"{settings.OPS_BASE_URL}/ops/health/pings/{ping.pk}",
    }  # fmt: skip
    assert told() == [down]
    call(ping, at=T + HOUR)
    call(ping, at=T + HOUR)
    assert [(one["event"], one["why"]) for one in told()] == [("ping.down", "fail"), ("ping.up", "success")]
    # Whoever knows the address can call it: it is not sent around.
    assert str(ping.uuid) not in json.dumps(told())


def test_a_silent_one_is_told_by_the_sweep(told):
    call(make_ping(), at=T)
    with time_machine.travel(T + 5 * HOUR, tick=False):
        record_late_pings(actor=Actor.system("sweep"))
        record_late_pings(actor=Actor.system("sweep"))
    assert [(one["event"], one["why"], one["at"]) for one in told()] == [("ping.down", "late", "2026-11-20T13:10:00Z")]


def test_a_fall_that_was_seen_only_when_it_was_over_is_told_with_its_end(told):
    call(call(make_ping(), at=T), at=T + 5 * HOUR)
    assert [one["event"] for one in told()] == ["ping.down", "ping.up"]


def test_pausing_and_resuming_are_not_told(told, owner):
    ping = call(make_ping(), "fail", at=T)
    with time_machine.travel(T, tick=False):
        pause_ping(actor=owner.actor, ping_id=ping.pk, reason="moved")
        resume_ping(actor=owner.actor, ping_id=ping.pk)
    assert [one["event"] for one in told()] == ["ping.down"]


def test_a_mail_says_what_to_do(db):
    make_destination(name="pings", channel="email", address="duty@example.com")
    call(make_ping(name="Backup", description="Look at db-1."), "fail", at=T)
    message = Message.objects.get()
    assert (message.channel, message.subject) == ("email", "Backup is down: it reported a failure")
    assert message.body.splitlines()[:2] == ["Backup is down: it reported a failure", "Look at db-1."]


def test_without_a_destination_nothing_is_owed(db):
    make_destination(name="other")
    call(make_ping(), "fail", at=T)
    assert Message.objects.count() == 0
