from datetime import timedelta

import pytest

from health.actions import pause_probe
from health.models import Probe, ProbeFlip, ProbeResult, Standing
from health.probing.looking import Outcome
from health.probing.planning import plan_of
from health.probing.writing import due_after, standing_after, write_outcome
from notify.models import Message
from opsportal import clock
from tests.factories import make_destination, make_person, make_probe

MINUTE = timedelta(minutes=1)
FACTS = {"status": 503, "expected": "200-299"}


def outcome(*, ok=True, ms=500, **found):
    fault = {} if ok else {"fault": "status", "facts": FACTS, "status": 503}
    return Outcome(clock.now() - timedelta(hours=1), ok, ms, **fault | found)


def write(probe, **found):
    probe.refresh_from_db()
    return write_outcome(probe.pk, probe.turn, outcome(**found))


def states(probe):
    return list(ProbeFlip.objects.filter(probe=probe).order_by("pk").values_list("before", "after"))


@pytest.mark.parametrize(
    ("state", "failures", "ok", "after"),
    [
        ("new", 0, True, ("up", 0)), ("new", 0, False, ("failing", 1)), ("failing", 1, False, ("down", 2)), ("failing", 1, True, ("up", 0)),
        ("down", 5, False, ("down", 6)), ("down", 5, True, ("up", 0)), ("up", 0, False, ("failing", 1)),
    ],
)  # fmt: skip
def test_the_states_in_a_row(state, failures, ok, after):
    assert standing_after(Standing(state), failures, ok=ok, down_after=2) == after


def test_more_failures_wanted_later_do_not_lift_what_is_down():
    assert standing_after(Standing.DOWN, 2, ok=False, down_after=5) == ("down", 3)


@pytest.mark.parametrize(("late", "minutes"), [(0, 5), (3, 5), (5, 10), (17, 20), (-2, 0), (-12, 0)])
def test_the_next_look_stays_on_its_grid(late, minutes):
    due = clock.now()
    assert due_after(due, 5 * MINUTE, due + late * MINUTE) == due + minutes * MINUTE


def test_a_look_in_between_does_not_move_the_next_one(db):
    probe = make_probe(due_at=clock.now() + timedelta(hours=1))
    write(probe)
    assert Probe.objects.get().due_at == probe.due_at


def test_one_failure_is_not_down(db):
    probe = make_probe(down_after=2)
    write(probe, ok=False)
    write(probe)
    assert states(probe) == [("new", "failing"), ("failing", "up")]


def test_a_fall_and_a_return_are_told_once_each(db):
    make_destination(name="probes")
    probe = make_probe(name="Front page", down_after=2)
    for ok in (True, False, False, False, True, True):
        write(probe, ok=ok)
    assert states(probe) == [("new", "up"), ("up", "failing"), ("failing", "down"), ("down", "up")]
    assert sorted(Message.objects.values_list("topic", "key")) == [
        ("probe.down", f"probe-flip-{ProbeFlip.objects.get(after='down').pk}"),
        ("probe.up", f"probe-flip-{ProbeFlip.objects.get(before='down').pk}"),
    ]


def test_without_a_destination_of_its_own_the_one_of_pings_hears(db):
    make_destination(name="pings", channel="email", address="duty@example.com")
    probe = make_probe(name="Front page", down_after=1, description="Look at the host.")
    write(probe, ok=False)
    message = Message.objects.get()
    assert message.subject == "Front page is down: it answered 503, and 200-299 was expected"
    assert "Look at the host." in message.body


def test_a_slow_answer_is_no_failure(db):
    probe = make_probe(good_ms=2000)
    assert [write(probe, ms=ms).is_slow for ms in (2000, 2001)] == [False, True]
    assert write(probe, ok=False, ms=9000).is_slow is False
    assert states(probe) == [("new", "up"), ("up", "failing")]


def test_the_probe_keeps_its_last_result_and_the_next_time(db):
    probe = make_probe(every_minutes=5)
    due = probe.due_at
    write(probe, ok=False, ms=700, step=2)
    probe.refresh_from_db()
    assert (probe.last_ok, probe.last_ms, probe.last_fault, probe.last_facts, probe.failures) == (False, 700, "status", {**FACTS, "step": 2}, 1)
    assert (probe.due_at > clock.now(), (probe.due_at - due) % (5 * MINUTE)) == (True, timedelta())


def test_what_was_found_under_an_earlier_turn_is_not_written(db):
    probe = make_probe()
    plan = plan_of(probe)
    assert write_outcome(probe.pk, plan.turn, outcome()) is not None
    assert write_outcome(probe.pk, plan.turn, outcome()) is None
    assert ProbeResult.objects.count() == 1


def test_what_was_found_before_a_pause_is_not_written(db):
    probe = make_probe()
    pause_probe(actor=make_person().actor, probe_id=probe.pk, reason="moved")
    assert write_outcome(probe.pk, probe.turn, outcome(ok=False)) is None
    assert list(Probe.objects.values_list("state", "due_at")) == [("new", None)]
