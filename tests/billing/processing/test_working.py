"""One event from its claim to its effect, with a provider that answers over HTTP."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from audit.models import AuditLog
from billing.models import Grant, WebhookEvent
from billing.processing import claiming, pausing, schedule, working
from billing.processing.sweeping import tell_of_due
from billing.processing.working import process_event
from billing.tasks import process_events
from jobs.deadline import Deadline
from opsportal import clock
from tests.billing.factories import make_checkout, make_event
from tests.billing.providers.stripe.shapes import intent, page, session

pytestmark = pytest.mark.django_db
PAST = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _nobody_waited(monkeypatch):
    monkeypatch.setattr(pausing, "_until", {})


@pytest.fixture
def paid(canned):
    """A Stripe that has the approved payment pi_1 of our checkout chk_1, and nothing else."""
    canned.says("/v1/payment_intents/pi_1", intent(amount=2990, currency="brl"))
    canned.says("/v1/checkout/sessions", page(session()), payment_intent="pi_1")
    canned.says("/v1/refunds", page())
    canned.says("/v1/disputes", page())
    return canned


def paid_event(**fields) -> WebhookEvent:
    made = make_event(**{"event_type": "payment_intent.succeeded", "object_id": "pi_1"} | fields)
    made.refresh_from_db()
    return made


def again(event: WebhookEvent) -> WebhookEvent:
    return WebhookEvent.objects.get(pk=event.pk)


def due_again(event: WebhookEvent) -> None:
    WebhookEvent.objects.filter(pk=event.pk).update(next_at=clock.now() - PAST)


def test_a_paid_event_gives_the_plan_and_says_so(paid):
    checkout = make_checkout(checkout_id="chk_1", session_id="cs_1")
    event = paid_event()
    assert process_event(event.pk, answer_ms=7) == "done"
    grant, after = Grant.objects.get(), again(event)
    assert (after.state, after.effect, after.attempts, after.answer_ms) == ("done", "granted", 1, 7)
    assert (after.checkout_id, after.payment_id, after.effect_facts["plan"]) == (checkout.pk, grant.payment_id, checkout.plan.name)
    assert (after.next_at, after.claimed_until, after.error, after.processed_at is not None) == (None, None, "", True)
    row = AuditLog.objects.get(action_type="SETTLE_PAYMENT")
    assert (row.actor_kind, row.actor_label) == ("system", "webhooks")


def test_an_event_is_worked_on_once(paid):
    make_checkout(checkout_id="chk_1", session_id="cs_1")
    event = paid_event()
    assert (process_event(event.pk), process_event(event.pk)) == ("done", None)
    asked = len(paid.requests)
    process_events([event.pk])
    assert (len(paid.requests), again(event).attempts, Grant.objects.count()) == (asked, 1, 1)


def test_a_second_event_of_the_same_payment_is_already_applied(paid):
    make_checkout(checkout_id="chk_1", session_id="cs_1")
    first, second = paid_event(), paid_event()
    process_events([first.pk, second.pk], [3, None])
    assert [(again(one).effect, again(one).answer_ms) for one in (first, second)] == [("granted", 3), ("already", None)]


def test_processed_again_an_event_keeps_saying_what_it_did(paid):
    make_checkout(checkout_id="chk_1", session_id="cs_1")
    event = paid_event()
    process_event(event.pk)
    before = again(event)
    WebhookEvent.objects.filter(pk=event.pk).update(state="received", next_at=clock.now() - PAST)
    assert process_event(event.pk) == "done"
    after = again(event)
    assert (after.effect, after.effect_facts, after.processed_at) == ("granted", before.effect_facts, before.processed_at)
    assert (after.attempts, Grant.objects.count()) == (2, 1)


def test_a_type_that_moves_nothing_asks_nobody(canned):
    event = make_event(event_type="product.created", object_id="prod_1")
    assert process_event(event.pk) == "done"
    after = again(event)
    assert (after.effect, after.effect_reason, canned.requests) == ("none", "not_acted_on", [])


def test_a_payment_without_a_checkout_of_ours_is_no_failure(paid):
    event = paid_event()
    assert process_event(event.pk) == "done"
    after = again(event)
    assert (after.effect, after.effect_reason, after.payment_id is not None) == ("none", "no_checkout", True)


def test_a_provider_that_is_away_is_asked_again_later_and_then_a_person_is(canned):
    canned.says("/v1/payment_intents/pi_1", {}, status=503)
    event = paid_event()
    waits = []
    for _number in range(schedule.MOST_TRIES - 1):
        assert process_event(event.pk) == "waiting"
        found = again(event)
        waits.append((found.next_at - clock.now()).total_seconds())
        assert process_event(event.pk) is None
        due_again(event)
    for wait, planned in zip(waits, schedule.WAITS, strict=True):
        assert 0.75 * planned.total_seconds() < wait < 1.25 * planned.total_seconds()
    assert process_event(event.pk) == "person"
    found = again(event)
    assert (found.attempts, found.error_code, found.next_at, found.claimed_until) == (7, "broken", None, None)
    assert found.error == "Stripe has a problem of its own (503)."
    due_again(event)
    assert process_event(event.pk) is None


def test_a_provider_that_lets_a_worker_wait_is_left_alone_for_a_while(canned, settings, monkeypatch):
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    first, second = paid_event(), paid_event()
    other = make_event(provider="mercadopago", event_type="payment.updated", object_id="77")
    process_events([first.pk, second.pk, other.pk])
    assert [(again(one).state, again(one).attempts) for one in (first, second, other)] == [("waiting", 1), ("received", 0), ("waiting", 1)]
    assert (again(first).error_code, again(other).error_code) == ("unreachable", "not_found")
    monkeypatch.setattr(pausing, "_until", {"stripe": 0.0})
    process_events([second.pk])
    assert again(second).attempts == 1


def test_what_the_provider_does_not_know_is_asked_a_few_times(canned):
    event = paid_event()
    states = []
    for _number in range(schedule.TRIES_WHEN_NOT_FOUND):
        states.append(process_event(event.pk))
        due_again(event)
    assert states == ["waiting", "waiting", "waiting", "person"]
    assert again(event).error_code == "not_found"


@pytest.mark.parametrize(("fields", "state"), [({}, "done"), ({"is_signed": True}, "person"), ({"source": "asked"}, "person")])
def test_what_anybody_may_have_sent_about_nothing_needs_no_person(canned, fields, state):
    made = {"provider": "mercadopago", "event_type": "payment.updated", "object_id": "404", "is_signed": False, "signed_by": "", "attempts": 3}
    event = make_event(**made | fields)
    assert process_event(event.pk) == state
    found = again(event)
    assert (found.effect, found.effect_reason, found.error_code) == ("none" if state == "done" else "", "", "not_found")


def test_a_refused_token_is_waited_for(canned):
    canned.says("/v1/payment_intents/pi_1", {}, status=401)
    event = paid_event()
    assert (process_event(event.pk), again(event).error_code) == ("waiting", "refused_token")


def test_a_mistake_of_ours_is_no_endless_loop(paid, monkeypatch):
    def broken(**values):
        raise ZeroDivisionError("division by zero\x00")

    monkeypatch.setattr(working, "settle", broken)
    event, states = paid_event(), []
    for _number in range(schedule.TRIES_WHEN_BROKEN_HERE):
        states.append(process_event(event.pk))
        due_again(event)
    assert (states, again(event).error) == (["waiting", "waiting", "waiting", "person"], "ZeroDivisionError: division by zero")


def test_a_worker_that_lost_its_claim_writes_nothing(paid, monkeypatch):
    """It slept for longer than its claim while asking; meanwhile another took the event."""
    make_checkout(checkout_id="chk_1", session_id="cs_1")
    event, ask = paid_event(), working._ask

    def slow(found: WebhookEvent):
        report = ask(found)
        monkeypatch.setattr(working, "_ask", ask)
        WebhookEvent.objects.filter(pk=event.pk).update(claimed_until=clock.now() - PAST)
        assert process_event(event.pk) == "done"
        return report

    monkeypatch.setattr(working, "_ask", slow)
    assert process_event(event.pk) is None
    assert (again(event).attempts, again(event).effect, Grant.objects.count()) == (2, "granted", 1)
    assert AuditLog.objects.filter(action_type="SETTLE_PAYMENT").count() == 1


def test_a_claim_holds_others_off_until_it_expires(db):
    event = make_event()
    held = claiming.claim(event.pk)
    assert held is not None
    assert (held.tries, claiming.claim(event.pk)) == (1, None)
    WebhookEvent.objects.filter(pk=event.pk).update(claimed_until=clock.now() - PAST)
    second = claiming.claim(event.pk)
    assert second is not None
    assert (second.tries, held.held().exists(), second.held().exists()) == (2, False, True)


def received(**fields) -> int:
    event = make_event(**fields)
    WebhookEvent.objects.filter(pk=event.pk).update(**{"received_at": clock.now() - PAST, "next_at": clock.now() - PAST} | fields)
    return event.pk


def test_the_sweep_tells_of_what_is_due_oldest_first(db, monkeypatch):
    told: list[int] = []
    monkeypatch.setattr("billing.intake.telling.tell", lambda pks: told.extend(pks) or True)
    now = clock.now()
    late = received(next_at=now - 2 * PAST)
    lost = received(state="waiting", attempts=2, claimed_until=now - PAST)
    received(state="waiting", next_at=now + PAST)
    received(claimed_until=now + PAST, attempts=1)
    received(state="done")
    received(state="person")
    make_event()  # It has just come: its message is on its way.
    assert (tell_of_due(Deadline(10)), told) == (2, [late, lost])


def test_an_event_that_ends_its_workers_needs_a_person(db):
    killer = received(state="waiting", attempts=schedule.MOST_TRIES, claimed_until=clock.now() - PAST)
    assert tell_of_due(Deadline(10)) == 1
    event = WebhookEvent.objects.get(pk=killer)
    assert (event.state, event.error_code, event.claimed_until, event.next_at) == ("person", "lost", None, None)


def test_command_works_without_celery(paid, capsys):
    make_checkout(checkout_id="chk_1", session_id="cs_1")
    number = received(event_type="payment_intent.succeeded", object_id="pi_1", event_id="evt_x")
    call_command("process_webhook_events")
    assert capsys.readouterr().out.splitlines() == [
        f"1/1  #{number} stripe payment_intent.succeeded evt_x: processed, plan granted",
        "1 processed, 0 failed, 0 taken by another worker.",
    ]


def test_command_takes_those_that_need_a_person_again(canned, capsys):
    number = received(state="person", event_type="payment_intent.succeeded", object_id="pi_1", error="?", attempts=9)
    with pytest.raises(SystemExit) as ended:
        call_command("process_webhook_events", "--failed", "--reason", "the token is right now")
    assert (ended.value.code, WebhookEvent.objects.get(pk=number).state) == (1, "person")
    row = AuditLog.objects.get(action_type="REPLAY_EVENT")
    assert (row.actor_kind, row.reason, row.changes["numbers"]) == ("cli", "the token is right now", [None, [number]])
    assert capsys.readouterr().out.splitlines()[-1] == "0 processed, 1 failed, 0 taken by another worker."


def test_command_takes_one_whatever_became_of_it(canned, capsys):
    number = received(state="done", event_type="product.created", effect="none", effect_reason="not_acted_on")
    call_command("process_webhook_events", "--id", str(number))
    assert capsys.readouterr().out.splitlines()[-1] == "1 processed, 0 failed, 0 taken by another worker."
    with pytest.raises(Exception, match=r"There is no such event\."):
        call_command("process_webhook_events", "--id", "999999")


def test_waits_grow_and_end():
    waits = [schedule.wait_after(tries).total_seconds() for tries in range(1, 9)]
    for wait, planned in zip(waits, (30, 120, 600, 3600, 21600, 86400, 86400, 86400), strict=True):
        assert 0.8 * planned <= wait <= 1.2 * planned
