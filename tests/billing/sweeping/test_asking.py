"""The providers are asked about what waits for its payment; what they say is settled."""

from datetime import timedelta
from typing import Any

import pytest

from billing.effects import EffectKind
from billing.models import Checkout, Finding, Grant, Payment
from billing.report import CouldNotAsk
from billing.settling import Cause, CauseKind
from billing.sweeping import asking
from opsportal import clock
from sandbox.providers.world import World
from tests.billing.factories import make_checkout, make_payment

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def start(world: World, **fields: Any) -> Checkout:
    """Begun two hours ago, here and there."""
    checkout = make_checkout(**fields)
    checkout.session_id = world.stripe.start_checkout(checkout.checkout_id, amount=checkout.amount)
    checkout.save(update_fields=["session_id"])
    return checkout


def again(checkout: Checkout) -> Checkout:
    checkout.refresh_from_db()
    return checkout


def test_times_are_four_steps_and_the_end() -> None:
    begun = clock.now() - HOUR
    checkout = Checkout(created_at=begun, expires_at=begun + 30 * HOUR)
    times, moment = [], asking.next_time(checkout, begun)
    while moment:
        times.append((moment - begun) / HOUR)
        moment = asking.next_time(checkout, moment)
    assert times == [0.25, 1, 6, 24, 30 + 5 / 60, 72]


def test_payment_of_which_nobody_told_gives_its_plan(world: World) -> None:
    checkout = start(world)
    payment = world.stripe.pay(checkout.session_id)
    effect = asking.take_over(checkout, asking.ask(checkout))
    assert (effect and effect.kind, again(checkout).state, checkout.ask_at, checkout.asked_times) == (EffectKind.GRANTED, "paid", None, 1)
    assert (Payment.objects.get().payment_id, Grant.objects.get().checkout_id) == (payment, checkout.pk)
    assert Cause(CauseKind.SWEEP).action_type == "SETTLE_PAYMENT"


def test_payment_at_another_provider_is_none_of_this_ones(world: World) -> None:
    checkout = start(world)
    make_payment(checkout, provider="mercadopago", payment_id="77", base="rejected", state="rejected")
    make_payment(checkout, provider="mercadopago", payment_id="78")
    payment = world.stripe.pay(checkout.session_id)
    answer = asking.ask(checkout)
    assert (answer.error, [one.id for one in answer.report.payments] if answer.report else None) == (None, [payment])
    asking.take_over(checkout, answer)
    assert Finding.objects.count() == 0


def test_open_checkout_is_asked_about_again_later(world: World) -> None:
    checkout = start(world)
    asking.take_over(checkout, asking.ask(checkout))
    assert (again(checkout).state, checkout.asked_times, checkout.ask_at) == ("open", 1, checkout.created_at + 6 * HOUR)
    assert (asking.due(10), Grant.objects.count()) == ([], 0)


def test_provider_that_is_away_is_asked_again_and_the_others_do_not_wait_for_it(world: World) -> None:
    checkout, other, elsewhere = start(world), start(world), make_checkout(provider="mercadopago")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.stripe, "key", "sk_test_another")
        answer = asking.ask(checkout)
    assert answer.report is None
    assert asking.take_over(checkout, answer) is None
    assert [one.pk for one in asking.due(10)] == [elsewhere.pk]
    for one in (checkout, other):
        assert clock.now() + 14 * MINUTE < (again(one).ask_at or clock.now()) <= clock.now() + 15 * MINUTE
        assert (one.asked_at, one.asked_times) == (None, 0)


def test_checkout_that_the_provider_does_not_know_is_left_to_its_next_time() -> None:
    checkout = make_checkout()
    asking.take_over(checkout, asking.Answer(error=CouldNotAsk("not_found", "no such thing", again=False)))
    assert again(checkout).ask_at == checkout.created_at + 6 * HOUR


def test_order_leaves_out_what_is_decided_and_what_has_just_begun() -> None:
    paid, expired = make_checkout(state="paid"), make_checkout(state="expired")
    young, waiting = make_checkout(created_at=clock.now() - MINUTE), make_checkout(state="pending")
    asking.put_in_order()
    assert [again(one).ask_at for one in (paid, expired)] == [None, None]
    assert again(young).ask_at == young.created_at + 15 * MINUTE
    assert [one.pk for one in asking.due(10)] == [waiting.pk]


def test_what_the_provider_says_otherwise_is_a_finding_until_it_agrees(world: World) -> None:
    checkout = start(world)
    make_payment(checkout, payment_id=world.stripe.fail(checkout.session_id))
    asking.take_over(checkout, asking.ask(checkout))
    finding = Finding.objects.get()
    assert (finding.kind, finding.closed_at, finding.facts["what"], finding.facts["ours"]) == ("provider_differs", None, "state", "approved")
    assert (again(checkout).ask_at or clock.now()) > clock.now() + 23 * HOUR
    asking.put_in_order()
    assert again(checkout).ask_at is not None
    world.stripe.pay(checkout.session_id)
    asking.take_over(checkout, asking.ask(checkout))
    finding.refresh_from_db()
    assert (finding.closed_because, again(checkout).ask_at) == ("agrees", None)
