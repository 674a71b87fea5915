from datetime import timedelta

import pytest

from catalog.models import AlertEvent
from jobs.models import Lease, Run, Schedule, Slot
from opsportal import clock
from switches import actions as switches
from switches.models import Switch
from tests.answers import check_answer, read, said_in, stand
from tests.factories import make_alert, make_message, make_offer, make_run
from tests.jobs.conftest import SYSTEM
from tests.signing_in import sign_in

TRACKER, EVALUATOR = "price-tracker", "alert-evaluator"


@pytest.fixture(autouse=True)
def _scheduler_is_not_late(db):
    Schedule.objects.update(slots_until=clock.now() + timedelta(hours=1))


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


def ago(**length):
    return clock.now() - timedelta(**length)


def make_slots(job, good=0, bad=0, reasons=(), **fields):
    for number in range(good + bad):
        run = make_run(job, **({"state": "failed", "ended_because": "error"} if number >= good else {"batches": 2, "items": 150} | fields))
        Slot.objects.create(job=job, due_at=ago(minutes=10 * number + 5), run=run)
    for number, reason in enumerate(reasons):
        Slot.objects.create(job=job, due_at=ago(minutes=10 * number + 1), reason=reason)


@pytest.mark.parametrize(
    ("slots", "state", "value", "of"),
    [({"good": 3}, "ok", 3, 3), ({"good": 2, "bad": 1}, "warn", 2, 3), ({"good": 2, "reasons": ["missed"]}, "warn", 2, 3), ({"bad": 2}, "fail", 0, 2),
     ({"reasons": ["missed"]}, "fail", 0, 1)],
)  # fmt: skip
def test_tracker_counts_the_slots_it_finished(signed_in, slots, state, value, of):
    make_slots(TRACKER, **slots)
    answer = read("price-tracker")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value, answer.figure.of) == (state, value, of)


def test_tracker_says_what_it_did_and_where_it_stopped(db):
    make_slots(TRACKER, good=1, ended_because="max_batches")
    assert said_in(read("price-tracker"), "en")[:2] == [
        "1 of 1", "2 batches of 150 items. 1 run stopped at its limit, and the next went on from there."
    ]  # fmt: skip


def test_tracker_does_not_count_what_goes_on_and_what_is_older_than_a_day(db):
    make_slots(TRACKER, good=1)
    Slot.objects.create(job=TRACKER, due_at=ago(minutes=2), run=make_run(TRACKER, state="running"))
    Slot.objects.create(job=TRACKER, due_at=ago(hours=25), reason="missed")
    assert (read("price-tracker").figure.value, read("price-tracker").figure.of) == (1, 1)


def test_slots_that_no_scheduler_made_are_missing(db):
    make_slots(TRACKER, good=1)
    Schedule.objects.filter(pk=TRACKER).update(slots_until=ago(hours=3), every_seconds=3600)
    answer = read("price-tracker")
    # Two or three full hours lie between, as the clock stands.
    assert (str(answer.state), answer.figure.value, answer.figure.of in (3, 4)) == ("warn", 1, True)


@pytest.mark.parametrize("key", ["price-tracker", "alert-evaluator"])
def test_job_that_was_off_or_never_due_is_unknown(signed_in, key):
    check_answer(read(key), signed_in)
    assert stand(key) == ("unknown", None)
    make_slots(key, reasons=["switch_off", "master_off"])
    switches.turn_off(actor=SYSTEM, name="ENABLE_JOBS", reason="quiet")
    answer = read(key)
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value) == ("unknown", None)
    assert [act.url for act in answer.acts] == ["/ops/switches/ENABLE_JOBS/on/"]


def test_evaluator_counts_the_alerts_it_fired(signed_in):
    make_slots(EVALUATOR, good=2)
    fire(2)
    fire(1, at=ago(hours=25))
    answer = read("alert-evaluator")
    check_answer(answer, signed_in)
    assert stand("alert-evaluator") == ("ok", 2)
    assert said_in(answer, "en")[1:3] == ["2 alerts fired in 24 hours. 2 of 2 runs went well.", "2 alerts fired"]


def test_evaluator_that_fails_now_fails_and_one_that_failed_before_warns(signed_in):
    make_slots(EVALUATOR, good=2, bad=1)
    assert stand("alert-evaluator") == ("warn", 0)
    Lease.objects.filter(pk=EVALUATOR).update(failures=1, failures_version=Switch.objects.get(pk="ENABLE_ALERT_EVALUATOR").version)
    answer = read("alert-evaluator")
    check_answer(answer, signed_in)
    assert (str(answer.state), [act.url for act in answer.acts]) == ("fail", [f"/ops/jobs/{EVALUATOR}/run/"])
    assert said_in(answer, "en")[1] == "0 alerts fired in 24 hours. 2 of 3 runs went well. The last run failed."


def fire(times, message=None, **fields):
    """Alerts that fired an hour ago; by default their message has arrived."""
    for _number in range(times):
        sent = make_message(topic="price_alert", state="sent", finished_at=ago(minutes=50)) if message is None else message
        event = {"message_id": sent.pk if sent else None, "price": 9_000, "crossing": 1, "at": ago(hours=1)} | fields
        AlertEvent.objects.create(alert=make_alert(), offer=make_offer(), **event)


def owed(state, topic="price_alert", **length):
    over = {} if state == "waiting" else {"finished_at": clock.now()}
    message = make_message(topic=topic, state=state, **over)
    type(message).objects.filter(pk=message.pk).update(created_at=ago(**length))
    return message


def test_alerts_that_arrived_are_in_order(signed_in):
    fire(1)
    owed("waiting", minutes=14)
    owed("dead", topic="other", hours=2)
    owed("waiting", topic="other", hours=2)
    check_answer(read("alerts-delivered"), signed_in)
    assert stand("alerts-delivered") == ("ok", 0)


def test_alerts_that_wait_too_long_warn(signed_in):
    owed("waiting", hours=2, seconds=5)
    fire(1, message=False, at=ago(hours=1))
    answer = read("alerts-delivered")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value) == ("warn", 2)
    assert said_in(answer, "en")[1] == "1 waits for more than 15 minutes. 1 has no destination. The longest for 120 minutes."
    assert [act.url for act in answer.acts] == ["/ops/notify/?topic=price_alert&state=waiting", "/ops/notify/destinations/new/"]


def test_alerts_that_were_given_up_fail_and_can_be_tried_again(signed_in):
    owed("dead", hours=2)
    answer = read("alerts-delivered")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value) == ("fail", 1)
    assert [(act.url, act.permission) for act in answer.acts] == [("/ops/notify/retry/?topic=price_alert&state=dead", "notify.retry")]


@pytest.mark.parametrize(("key", "most"), [("price-tracker", 2), ("alert-evaluator", 3), ("alerts-delivered", 1)])
@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_does_not_grow(db, django_assert_num_queries, key, most, rows):
    for job in (TRACKER, EVALUATOR):
        make_slots(job, good=rows, bad=rows, reasons=["missed"])
    fire(rows, message=False)
    assert Run.objects.count() == 4 * rows
    with django_assert_num_queries(most):
        read(key)
