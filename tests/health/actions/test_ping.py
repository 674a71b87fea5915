from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from audit.models import AuditLog
from health.actions import change_ping, create_ping, delete_ping, pause_ping, resume_ping
from health.models import Ping, PingEvent, PingFlip
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_ping
from tests.health.calling import call

T = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SAME = {"name": "Backup", "slug": "backup", "description": "", "every": HOUR, "cron": "", "time_zone": "", "grace": 10 * MINUTE}


def change(person, ping, *, at=T, **fields):
    with time_machine.travel(at, tick=False):
        return change_ping(actor=person.actor, ping_id=ping.pk, **SAME | {"name": ping.name, "slug": ping.slug} | fields)


def falls(ping):
    return list(PingFlip.objects.filter(ping=ping).order_by("pk").values_list("before", "after", "why"))


def test_create_waits_for_its_first_call_and_is_audited(owner):
    ping = create_ping(actor=owner.actor, name="  Nightly\n backup ", slug="nightly", cron=" 0  3 * * * ", grace=HOUR, description="Look\x00 at db-1")
    ping.refresh_from_db()
    assert (ping.name, ping.cron, ping.every, ping.description, ping.verdict, ping.deadline) == (
        "Nightly backup",
        "0 3 * * *",
        None,
        "Look at db-1",
        "new",
        None,
    )
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_type, row.entity_id, row.entity_label) == ("CREATE_PING", "ping", str(ping.pk), "Nightly backup")
    assert row.changes["schedule"] == [None, "0 3 * * * (America/Sao_Paulo)"]
    # Whoever knows the address can call it: it stands in no audit row.
    assert str(ping.uuid) not in str(row.changes)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 101}, "name"), ({"slug": "Big"}, "slug"), ({"slug": "a b"}, "slug"), ({"slug": "é"}, "slug"), ({"slug": "x" * 101}, "slug"),
        ({"every": None}, "cron"), ({"cron": "0 3 * * *"}, "every"), ({"every": None, "cron": "nonsense"}, "cron"), ({"every": timedelta(seconds=59)}, "every"),
        ({"every": timedelta(days=366)}, "every"), ({"grace": timedelta(0)}, "grace"), ({"every": None, "cron": "0 3 * * *", "time_zone": "Mars/Base"}, "time_zone"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(owner, fields, field):
    with pytest.raises(Invalid) as refused:
        create_ping(actor=owner.actor, **SAME | fields)
    assert (refused.value.field, Ping.objects.count(), AuditLog.objects.count()) == (field, 0, 0)


def test_there_are_no_more_than_the_most(owner, monkeypatch):
    monkeypatch.setattr("health.actions.ping.MOST_PINGS", 2)
    create_ping(actor=owner.actor, **SAME)
    create_ping(actor=owner.actor, **SAME)
    with pytest.raises(Conflict) as refused:
        create_ping(actor=owner.actor, **SAME)
    assert (refused.value.code, Ping.objects.count()) == ("too_many", 2)


def test_change_moves_what_is_expected_and_says_what_was(owner):
    ping = call(make_ping(name="Backup", slug="backup"), at=T)
    ping = change(owner, ping, at=T + MINUTE, every=2 * HOUR)
    assert (ping.expected_at, ping.deadline) == (T + 2 * HOUR, T + 2 * HOUR + 10 * MINUTE)
    assert AuditLog.objects.get().changes == {"schedule": ["every hour", "every 2 hours"]}
    ping = change(owner, ping, at=T + MINUTE, every=None, cron="0 3 * * *", time_zone="UTC")
    ping.refresh_from_db()
    assert (ping.every, ping.cron, ping.expected_at) == (None, "0 3 * * *", datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


def test_a_change_of_nothing_is_refused(owner):
    with pytest.raises(Conflict) as refused:
        change(owner, make_ping(name="Backup", slug="backup"))
    assert (refused.value.code, AuditLog.objects.count()) == ("unchanged", 0)


def test_a_longer_period_lifts_one_that_is_down_by_silence(owner):
    ping = call(make_ping(), at=T)
    ping = change(owner, ping, at=T + 5 * HOUR, every=6 * HOUR)
    assert (ping.verdict, ping.deadline) == ("up", T + 6 * HOUR + 10 * MINUTE)
    assert falls(ping)[1:] == [("up", "down", "late"), ("down", "up", "schedule")]


def test_a_longer_period_that_is_not_long_enough_leaves_it_down(owner):
    ping = change(owner, call(make_ping(), at=T), at=T + 5 * HOUR, every=2 * HOUR)
    assert (ping.verdict, ping.verdict_at, ping.why, ping.deadline) == ("down", T + 70 * MINUTE, "late", None)


def test_a_shorter_period_may_make_it_fall_at_once(owner):
    ping = change(owner, call(make_ping(every=6 * HOUR), at=T), at=T + 5 * HOUR, every=HOUR)
    assert (ping.verdict, ping.verdict_at, falls(ping)[-1]) == ("down", T + 70 * MINUTE, ("up", "down", "late"))


def test_a_failure_stays_one_whatever_the_schedule(owner):
    ping = change(owner, call(make_ping(), "fail", at=T), at=T + MINUTE, every=6 * HOUR)
    assert (ping.verdict, ping.why) == ("down", "fail")


def test_one_that_was_only_resumed_is_never_up_by_a_change(owner):
    ping = call(make_ping(), "fail", at=T)
    with time_machine.travel(T + MINUTE, tick=False):
        pause_ping(actor=owner.actor, ping_id=ping.pk, reason="moved")
        resume_ping(actor=owner.actor, ping_id=ping.pk)
    ping = change(owner, ping, at=T + 5 * HOUR, every=6 * HOUR)
    assert (ping.verdict, falls(ping)) == (
        "new",
        [("new", "down", "fail"), ("down", "new", "resumed"), ("new", "down", "late"), ("down", "new", "schedule")],
    )


def test_pause_and_resume(owner):
    ping = call(make_ping(), "start", at=T)
    with time_machine.travel(T + MINUTE, tick=False):
        ping = pause_ping(actor=owner.actor, ping_id=ping.pk, reason=" moved to db-2 ")
    assert (ping.paused_at, ping.paused_by, ping.pause_reason, ping.running_since, ping.deadline) == (
        T + MINUTE,
        "Ana Souza (CTO)",
        "moved to db-2",
        None,
        None,
    )
    with pytest.raises(Conflict) as refused:
        pause_ping(actor=owner.actor, ping_id=ping.pk, reason="again")
    assert refused.value.code == "already_paused"
    with time_machine.travel(T + 9 * HOUR, tick=False):
        ping = resume_ping(actor=owner.actor, ping_id=ping.pk)
    # Not green: it is waited for from now on, and falls if nothing comes.
    assert (ping.paused_at, ping.verdict, ping.expected_at, ping.deadline) == (None, "new", T + 10 * HOUR, T + 10 * HOUR + 10 * MINUTE)
    with pytest.raises(Conflict) as refused:
        resume_ping(actor=owner.actor, ping_id=ping.pk)
    assert refused.value.code == "not_paused"
    assert list(AuditLog.objects.order_by("pk").values_list("action_type", "reason")) == [("PAUSE_PING", "moved to db-2"), ("RESUME_PING", "")]


def test_a_pause_writes_down_the_fall_before_it(owner):
    ping = call(make_ping(), at=T)
    with time_machine.travel(T + 5 * HOUR, tick=False):
        pause_ping(actor=owner.actor, ping_id=ping.pk, reason="moved")
    assert falls(ping)[-1] == ("up", "down", "late")


def test_delete_takes_everything_with_it_but_the_audit_row(owner):
    ping = call(make_ping(name="Backup"), at=T)
    delete_ping(actor=owner.actor, ping_id=ping.pk, reason="gone")
    assert (Ping.objects.count(), PingEvent.objects.count(), PingFlip.objects.count()) == (0, 0, 0)
    row = AuditLog.objects.get()
    assert (row.action_type, row.reason, row.changes["name"]) == ("DELETE_PING", "gone", ["Backup", None])


@pytest.mark.parametrize("action", [pause_ping, delete_ping])
def test_a_reason_is_needed(owner, action):
    with pytest.raises(Invalid) as refused:
        action(actor=owner.actor, ping_id=make_ping().pk, reason="  ")
    assert (refused.value.field, AuditLog.objects.count()) == ("reason", 0)


def test_what_is_not_there_is_not_found(owner):
    for action, more in ((pause_ping, {"reason": "x"}), (resume_ping, {}), (delete_ping, {"reason": "x"}), (change_ping, SAME)):
        with pytest.raises(NotFound):
            action(actor=owner.actor, ping_id=0, **more)
