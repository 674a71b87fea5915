from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from audit.models import AuditLog
from health.actions import create_ping_key, pause_ping, receive_ping
from health.actions.receive import KEPT_A_MINUTE, Call
from health.address import Said, Target
from health.models import Kind, Ping, PingEvent, PingFlip, Verdict, Why
from opsportal.errors import Conflict, NotFound
from tests.factories import make_ping, make_ping_event
from tests.health.calling import call

T = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
A, B = uuid4(), uuid4()
SUCCESS = Call(said=Said(Kind.SUCCESS))


def flips(ping):
    return list(PingFlip.objects.filter(ping=ping).order_by("pk").values_list("at", "before", "after", "why", "exit_status"))


def durations(ping):
    return list(PingEvent.objects.filter(ping=ping).order_by("pk").values_list("kind", "duration"))


def test_a_success_is_up_and_expected_again_a_period_later(db):
    ping = call(make_ping(), at=T)
    assert (ping.verdict, ping.last_ping_at, ping.expected_at, ping.deadline) == ("up", T, T + 60 * MINUTE, T + 70 * MINUTE)
    assert (ping.last_duration, ping.calls) == (None, 1)
    assert flips(ping) == [(T, "new", "up", "success", None)]
    call(ping, at=T + MINUTE)
    assert len(flips(ping)) == 1


def test_a_call_leaves_its_event_and_no_audit_row(db):
    ping = make_ping()
    call(ping, "fail", at=T, exit_status=3, rid=A, body="it broke", body_bytes=8, method="POST", address="10.0.0.7", user_agent="curl/8")
    event = PingEvent.objects.get()
    assert (event.ping_id, event.created_at, event.kind, event.exit_status, event.rid) == (ping.pk, T, "fail", 3, A)
    assert (event.body, event.body_bytes, event.is_cut, event.method, event.address, event.user_agent) == (
        "it broke",
        8,
        False,
        "POST",
        "10.0.0.7",
        "curl/8",
    )
    assert AuditLog.objects.count() == 0


def test_a_failure_is_down_at_once_with_its_exit_status(db):
    ping = call(make_ping(), "fail", at=T, exit_status=3)
    assert (ping.verdict, ping.why, ping.exit_status, ping.expected_at, ping.deadline) == ("down", "fail", 3, None, None)
    # Another failure changes the reason, not the fall.
    ping = call(ping, "fail", at=T + MINUTE, exit_status=9)
    assert (ping.verdict_at, ping.exit_status, len(flips(ping))) == (T, 9, 1)
    ping = call(ping, at=T + 2 * MINUTE)
    assert (ping.verdict, ping.exit_status, ping.deadline) == ("up", None, T + 72 * MINUTE)
    assert flips(ping) == [(T, "new", "down", "fail", 3), (T + 2 * MINUTE, "down", "up", "success", None)]


def test_log_changes_nothing_but_the_list_of_calls(db):
    ping = call(make_ping(), at=T)
    call(ping, "start", at=T + MINUTE)
    before = Ping.objects.filter(pk=ping.pk).values().get()
    call(ping, "log", at=T + 2 * MINUTE, body="half of it done")
    after = Ping.objects.filter(pk=ping.pk).values().get()
    assert {name for name in before if before[name] != after[name]} == {"calls", "minute"}
    assert PingEvent.objects.latest("pk").body == "half of it done"


@pytest.mark.parametrize("end", ["success", "fail"])
@pytest.mark.parametrize("rid", [None, A])
def test_an_end_with_the_starts_rid_has_its_duration(db, rid, end):
    ping = call(make_ping(), "start", at=T, rid=rid)
    assert (ping.running_since, ping.running_rid, ping.last_ping_at) == (T, rid, None)
    ping = call(ping, end, at=T + 5 * MINUTE, rid=rid)
    assert (ping.running_since, ping.running_rid, ping.last_duration) == (None, None, 5 * MINUTE)
    assert durations(ping) == [("start", None), (end, 5 * MINUTE)]


def test_a_success_with_another_rid_leaves_it_running(db):
    ping = call(make_ping(), "start", at=T, rid=A)
    ping = call(ping, at=T + MINUTE, rid=B)
    assert (ping.running_since, ping.running_rid, ping.last_duration, ping.verdict) == (T, A, None, "up")


def test_a_success_with_a_rid_leaves_a_run_without_one(db):
    ping = call(call(make_ping(), "start", at=T), at=T + MINUTE, rid=B)
    assert (ping.running_since, ping.last_duration) == (T, None)


def test_a_success_without_a_rid_ends_the_run_without_a_duration(db):
    ping = call(call(make_ping(), "start", at=T, rid=A), at=T + MINUTE)
    assert (ping.running_since, ping.running_rid, ping.last_duration) == (None, None, None)


@pytest.mark.parametrize("rid", [None, B])
def test_any_failure_ends_the_run(db, rid):
    ping = call(call(make_ping(), "start", at=T, rid=A), "fail", at=T + MINUTE, rid=rid)
    assert (ping.running_since, ping.running_rid, ping.last_duration, ping.verdict) == (None, None, None, "down")


def test_runs_that_overlap_have_each_its_own_duration(db):
    ping = call(make_ping(grace=timedelta(hours=1)), "start", at=T, rid=A)
    call(ping, "start", at=T + 2 * MINUTE, rid=B)
    ping = call(ping, at=T + 7 * MINUTE, rid=A)
    assert (ping.running_rid, ping.last_duration) == (B, 7 * MINUTE)
    ping = call(ping, at=T + 8 * MINUTE, rid=B)
    assert (ping.running_since, ping.last_duration) == (None, 6 * MINUTE)
    # The same end again is the end of no start.
    assert call(ping, at=T + 9 * MINUTE, rid=A).last_duration is None


def test_a_start_of_days_ago_is_not_looked_for(db):
    ping = make_ping()
    make_ping_event(ping, kind="start", rid=A, created_at=T - timedelta(days=4))
    assert call(ping, at=T, rid=A).last_duration is None


@pytest.mark.parametrize("kind", ["success", "fail", "start", "log"])
def test_a_fall_that_nobody_saw_is_written_down_before_the_call(db, kind):
    ping = call(make_ping(), at=T)
    call(ping, kind, at=T + timedelta(hours=5))
    assert flips(ping)[1] == (T + 70 * MINUTE, "up", "down", "late", None)
    assert flips(ping)[2:] == ([(T + timedelta(hours=5), "down", "up", "success", None)] if kind == "success" else [])


def test_a_run_that_was_too_long_fell_when_its_grace_was_over(db):
    ping = call(make_ping(), "start", at=T)
    ping = call(ping, at=T + 25 * MINUTE)
    assert flips(ping) == [(T + 10 * MINUTE, "new", "down", "overrun", None), (T + 25 * MINUTE, "down", "up", "success", None)]
    assert ping.last_duration == 25 * MINUTE


def test_a_paused_ping_keeps_calls_and_judges_none(db, owner):
    ping = call(make_ping(), at=T)
    with time_machine.travel(T, tick=False):
        pause_ping(actor=owner.actor, ping_id=ping.pk, reason="moved")
    for minutes, kind in enumerate(("start", "fail", "success", "log"), 1):
        ping = call(ping, kind, at=T + minutes * MINUTE)
    assert (ping.verdict, ping.running_since, ping.deadline, ping.last_ping_at) == ("up", None, None, T + 3 * MINUTE)
    assert (ping.paused_at is not None, ping.calls, PingEvent.objects.count(), len(flips(ping))) == (True, 5, 5, 1)


def test_a_flood_counts_but_is_not_kept(db):
    ping = make_ping(minute=T, minute_calls=KEPT_A_MINUTE - 1, calls=50)
    for second in range(3):
        ping = call(ping, "fail", at=T + timedelta(seconds=second), exit_status=second + 1)
    assert (PingEvent.objects.count(), ping.calls, ping.not_kept) == (1, 53, 2)
    # The state is right all the same.
    assert (ping.verdict, ping.exit_status) == ("down", 3)
    ping = call(ping, at=T + MINUTE)
    assert (PingEvent.objects.count(), ping.minute_calls, ping.not_kept, ping.verdict) == (2, 1, 2, "up")


def test_every_hundredth_call_drops_what_is_beyond_the_limit(db, monkeypatch):
    monkeypatch.setattr("health.actions.receive.MOST_EVENTS", 3)
    ping, other = make_ping(calls=98), make_ping()
    for number in range(6):
        make_ping_event(ping, created_at=T - number * MINUTE)
        make_ping_event(other, created_at=T - number * MINUTE)
    call(ping, at=T + MINUTE)
    assert PingEvent.objects.filter(ping=ping).count() == 7
    call(ping, at=T + 2 * MINUTE)
    assert list(PingEvent.objects.filter(ping=ping).order_by("-created_at").values_list("created_at", flat=True)) == [T + 2 * MINUTE, T + MINUTE, T]
    assert PingEvent.objects.filter(ping=other).count() == 6


def test_unknown_addresses_are_not_found(db, owner):
    key = create_ping_key(actor=owner.actor)
    make_ping(slug="nightly")
    for target in (
        Target(uuid=uuid4()),
        Target(key=key.raw, slug="other"),
        Target(key=f"{key.raw}x", slug="nightly"),
        Target(key="", slug="nightly"),
    ):
        with pytest.raises(NotFound):
            receive_ping(target=target, call=SUCCESS)
    assert PingEvent.objects.count() == 0


def test_a_slug_that_fits_two_is_ambiguous_and_neither_is_called(db, owner):
    key = create_ping_key(actor=owner.actor)
    make_ping(slug="nightly")
    make_ping(slug="nightly")
    with pytest.raises(Conflict) as refused:
        receive_ping(target=Target(key=key.raw, slug="nightly"), call=SUCCESS, create=True)
    assert (refused.value.code, Ping.objects.count(), PingEvent.objects.count()) == ("ambiguous_slug", 2, 0)


def test_a_call_may_create_what_it_names(db, owner):
    key = create_ping_key(actor=owner.actor)
    target = Target(key=key.raw, slug="nightly")
    assert (receive_ping(target=target, call=SUCCESS, create=True), receive_ping(target=target, call=SUCCESS, create=True)) == (True, False)
    ping = Ping.objects.get()
    assert (ping.name, ping.slug, ping.every, ping.grace, ping.verdict, ping.calls) == (
        "nightly",
        "nightly",
        timedelta(days=1),
        timedelta(hours=1),
        Verdict.UP,
        2,
    )
    row = AuditLog.objects.latest("pk")
    assert (row.action_type, row.entity_id, row.actor_kind, row.actor_id) == ("CREATE_PING", str(ping.pk), "client", f"ping key {key.key.prefix}")


def test_calls_create_no_more_than_the_most(db, owner, monkeypatch):
    monkeypatch.setattr("health.actions.receive.MOST_PINGS", 1)
    key = create_ping_key(actor=owner.actor)
    make_ping(slug="nightly")
    with pytest.raises(NotFound):
        receive_ping(target=Target(key=key.raw, slug="other"), call=SUCCESS, create=True)
    assert receive_ping(target=Target(key=key.raw, slug="nightly"), call=SUCCESS, create=True) is False


def test_a_keys_use_is_noted_once_a_minute(db, owner, django_assert_num_queries):
    key, ping = create_ping_key(actor=owner.actor), make_ping(slug="nightly")
    target = Target(key=key.raw, slug=ping.slug)
    receive_ping(target=target, call=SUCCESS)
    key.key.refresh_from_db()
    first = key.key.last_used_at
    assert first is not None
    # The key, the ping with its lock, its update, the event; and the savepoint of this test's transaction.
    with django_assert_num_queries(6):
        receive_ping(target=target, call=SUCCESS)
    key.key.refresh_from_db()
    assert key.key.last_used_at == first


def test_a_call_by_uuid_is_three_queries(db, django_assert_num_queries):
    ping = make_ping()
    receive_ping(target=Target(uuid=ping.uuid), call=SUCCESS)
    with django_assert_num_queries(5):
        receive_ping(target=Target(uuid=ping.uuid), call=SUCCESS)
    assert Why(Ping.objects.get().why) == Why.SUCCESS
