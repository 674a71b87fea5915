"""The clients against the stand-ins that keep state: both were made from the providers' descriptions, apart from each other."""

from datetime import timedelta

import pytest

from billing import providers
from billing.providers.stripe.gathering import kind_of
from billing.report import Delivery
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState
from opsportal import clock
from sandbox.providers.sending import Sender
from sandbox.providers.world import World


class Posted:
    """Takes the webhooks that the stand-ins send."""

    def __init__(self):
        self.deliveries = []

    def __call__(self, url, body, headers):
        path, _mark, query = url.partition("?")
        pairs = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        self.deliveries.append((path.rpartition("/")[2], Delivery(body, {name.lower(): value for name, value in headers.items()}, pairs)))
        return 200


@pytest.fixture(scope="module")
def served():
    posted = Posted()
    world = World.new(portal="http://portal.invalid", sender=Sender(posted))
    with world.served() as address:
        yield world, address, posted


@pytest.fixture
def world(served, settings):
    world, address, posted = served
    posted.deliveries.clear()
    world.sender.waiting.clear()
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = True
    settings.STRIPE_API_BASE, settings.MERCADOPAGO_API_BASE = f"{address}/stripe", f"{address}/mercadopago"
    settings.STRIPE_SECRET_KEY, settings.MERCADOPAGO_ACCESS_TOKEN = world.keys.stripe_key, world.keys.mercadopago_token
    settings.STRIPE_WEBHOOK_SECRET, settings.MERCADOPAGO_WEBHOOK_SECRET = world.keys.stripe_secret, world.keys.mercadopago_secret
    return world


@pytest.fixture(params=["stripe", "mercadopago"])
def name(request):
    return request.param


def side(world, name):
    return getattr(world, name), providers.get(name)


def reports(world, posted, name):
    """What each of its webhooks leads to, when it is verified and asked about."""
    world.sender.deliver_all()
    provider = providers.get(name)
    verified = [provider.verify(delivery) for to, delivery in posted.deliveries if to == name]
    assert all(one.signed_by == "current" for one in verified)
    return [provider.about_event(one.event_type, one.object_id, {}) for one in verified]


def test_checkout_that_is_paid_is_paid_by_every_webhook_of_it(world, served, name):
    outside, _provider = side(world, name)
    checkout = outside.start_checkout("chk_1", amount=2990, email="a@example.com")
    paid = outside.pay(checkout)
    found = [one for one in reports(world, served[2], name) if one]
    assert len(found) >= 1
    for report in found:
        assert (report.checkout.id, report.checkout.state, report.checkout.amount) == (checkout, CheckoutState.PAID, 2990)
        assert [(one.id, one.state, one.amount, one.reference) for one in report.payments] == [(paid, PaymentState.APPROVED, 2990, "chk_1")]


@pytest.mark.parametrize("is_paid", [True, False])
def test_payment_that_takes_time_comes_or_does_not(world, name, is_paid):
    outside, provider = side(world, name)
    reference = f"chk_time_{is_paid}"
    checkout = outside.start_checkout(reference, amount=990)
    payment = outside.begin_payment(checkout)
    report = provider.about_checkout(checkout_id=reference, session_id=checkout)
    assert (report.checkout.state, report.payments[0].state) == (CheckoutState.PENDING, PaymentState.PENDING)
    outside.end_payment(payment, paid=is_paid)
    report = provider.about_checkout(checkout_id=reference, session_id=checkout)
    given_up = PaymentState.REJECTED if name == "stripe" else PaymentState.CANCELLED
    expected = (CheckoutState.PAID, PaymentState.APPROVED) if is_paid else (CheckoutState.FAILED, given_up)
    assert (report.checkout.state, report.payments[0].state) == expected


def test_refunds_in_parts_and_one_that_fails(world, name):
    outside, provider = side(world, name)
    checkout = outside.start_checkout("chk_2", amount=3000)
    payment = outside.pay(checkout)
    outside.refund(payment, 1000)
    slow = outside.refund(payment, 500, is_slow=True)
    refunds = {one.id: (one.amount, one.state) for one in provider.about_checkout(checkout_id="chk_2", session_id=checkout).payments[0].refunds}
    assert sorted(refunds.values()) == [(500, RefundState.PENDING), (1000, RefundState.SUCCEEDED)]
    outside.end_refund(slow, done=False)
    refunds = {one.id: one.state for one in provider.about_checkout(checkout_id="chk_2", session_id=checkout).payments[0].refunds}
    assert refunds[slow] is RefundState.FAILED


@pytest.mark.parametrize("won", [True, False])
def test_dispute_is_open_and_then_decided(world, served, name, won):
    outside, provider = side(world, name)
    checkout = outside.start_checkout(f"chk_dispute_{won}", amount=3000)
    payment = outside.pay(checkout)
    dispute = outside.dispute(payment)
    [found] = provider.about_checkout(checkout_id=f"chk_dispute_{won}", session_id=checkout).payments[0].disputes
    assert (found.state, found.amount) == (DisputeState.OPEN, 3000)
    outside.close_dispute(dispute, won=won)
    found = [one for one in reports(world, served[2], name) if one][-1].payments[0]
    assert (found.state, [one.state for one in found.disputes]) == (PaymentState.APPROVED, [DisputeState.WON if won else DisputeState.LOST])


def test_subscription_and_its_renewal_lead_to_the_same_checkout(world, served):
    stripe, provider = side(world, "stripe")
    checkout = stripe.start_checkout("chk_3", amount=1990, mode="subscription", is_tagged=False)
    stripe.pay(checkout)
    subscription = stripe.get(checkout, "checkout.session")["subscription"]
    renewed = stripe.renew(checkout)
    report = provider.about_checkout(checkout_id="chk_3", session_id=checkout, subscription_id=subscription)
    assert {one.reference for one in report.payments} == {"chk_3"}
    assert renewed in {one.id for one in report.payments}
    first, second = sorted(report.payments, key=lambda one: one.period_start)
    assert first.period_end == second.period_start
    assert report.subscription.current_period_end == second.period_end
    for found in (one for one in reports(world, served[2], "stripe") if one):
        assert (found.checkout.id, found.subscription.id) == (checkout, subscription)


def test_own_list_has_every_webhook_that_moves_something(world, served):
    stripe, provider = side(world, "stripe")
    begun = clock.now() - timedelta(seconds=1)
    payment = stripe.pay(stripe.start_checkout("chk_4", amount=990))
    stripe.refund(payment)
    world.sender.deliver_all()
    verified = [provider.verify(delivery) for to, delivery in served[2].deliveries if to == "stripe"]
    sent = {one.event_id for one in verified if kind_of(one.event_type)}
    assert {change.event_id for change in provider.changes_between(begun, clock.now() + timedelta(seconds=1))} >= sent
    assert len(sent) >= 3


def test_mercado_pago_lists_a_payment_by_its_last_change(world):
    outside, provider = side(world, "mercadopago")
    begun = clock.now() - timedelta(seconds=1)
    payment = outside.pay(outside.start_checkout("chk_5", amount=990))
    before = {change.event_id for change in provider.changes_between(begun, clock.now() + timedelta(seconds=1)) if change.object_id == payment}
    outside.refund(payment)
    after = [change for change in provider.changes_between(begun, clock.now() + timedelta(seconds=1)) if change.object_id == payment]
    assert len(before) == len(after) == 1
    assert provider.about_event(after[0].event_type, after[0].object_id, {}).payments[0].refunds[0].amount == 990


def test_search_finds_a_checkout_that_only_the_metadata_names(world):
    stripe, provider = side(world, "stripe")
    payment = stripe.pay(stripe.start_checkout("it's \\ mine", amount=990))
    report = provider.about_checkout(checkout_id="it's \\ mine", session_id="")
    assert [one.id for one in report.payments] == [payment]
