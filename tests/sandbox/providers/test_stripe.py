"""The stand-in Stripe over real HTTP, asked through Stripe's own library."""

from typing import Any

import pytest
import stripe

from sandbox.providers.stand_in import NotPossible
from sandbox.providers.stripe import Stripe
from tests.sandbox.providers.conftest import Served


def client(served: Served, key: str = "") -> Any:
    return stripe.StripeClient(key or served.world.keys.stripe_key, base_addresses={"api": f"{served.base}/stripe"}, max_network_retries=0).v1


def types_of(play: Stripe, *ids: str) -> list[str]:
    """Of the events about these objects, in order."""
    return [event["type"] for event in play.events if event["data"]["object"]["id"] in ids]


def test_a_checkout_paid_at_once_is_found_from_every_side(served: Served) -> None:
    play, api = served.world.stripe, client(served)
    checkout = play.start_checkout("chk_1", amount=2990, email="ana@example.com")
    payment = play.pay(checkout)
    session = api.checkout.sessions.retrieve(checkout, {"expand": ["payment_intent.latest_charge"]})
    assert (session.status, session.payment_status, session.client_reference_id, session.amount_total) == ("complete", "paid", "chk_1", 2990)
    assert (session.payment_intent.status, session.payment_intent.latest_charge.amount_captured) == ("succeeded", 2990)
    assert [one.id for one in api.checkout.sessions.list({"payment_intent": payment}).data] == [checkout]
    assert [one.id for one in api.payment_intents.search({"query": "metadata['checkout_id']:'chk_1'"}).data] == [payment]
    assert types_of(play, checkout, payment) == ["payment_intent.created", "payment_intent.succeeded", "checkout.session.completed"]


def test_a_slip_completes_the_checkout_and_pays_later(served: Served) -> None:
    play, api = served.world.stripe, client(served)
    paid, never = play.start_checkout(amount=100), play.start_checkout(amount=100)
    payments = play.begin_payment(paid), play.begin_payment(never)
    assert api.checkout.sessions.retrieve(paid).payment_status == "unpaid"
    play.end_payment(payments[0])
    play.end_payment(payments[1], paid=False)
    assert [api.checkout.sessions.retrieve(one).payment_status for one in (paid, never)] == ["paid", "unpaid"]
    assert [types_of(play, one)[-1] for one in (paid, never)] == ["checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed"]
    with pytest.raises(NotPossible):
        play.end_payment(payments[0])


def test_a_declined_card_leaves_the_checkout_open_for_the_same_payment(served: Served) -> None:
    play, api = served.world.stripe, client(served)
    checkout = play.start_checkout(amount=100)
    payment = play.fail(checkout)
    assert (api.payment_intents.retrieve(payment).last_payment_error.code, api.checkout.sessions.retrieve(checkout).status) == (
        "card_declined",
        "open",
    )
    assert play.pay(checkout) == payment
    assert [one.status for one in api.charges.list({"payment_intent": payment}).data] == ["succeeded", "failed"]


def test_refunds_count_until_they_fail(served: Served) -> None:
    play, api = served.world.stripe, client(served)
    payment = play.pay(play.start_checkout(amount=1000))
    charge = api.payment_intents.retrieve(payment).latest_charge
    first, second = play.refund(payment, 400), play.refund(payment)
    assert api.charges.retrieve(charge).refunded is True
    play.end_refund(second, done=False)
    assert [(one.amount, one.status) for one in api.refunds.list({"payment_intent": payment}).data] == [(600, "failed"), (400, "succeeded")]
    assert (api.charges.retrieve(charge).refunded, api.charges.retrieve(charge).amount_refunded) == (False, 400)
    assert types_of(play, charge)[-2:] == ["charge.refunded", "charge.refunded"]
    assert types_of(play, second) == ["refund.created", "refund.failed", "refund.updated", "charge.refund.updated"]
    booked = play.books.payment(payment)
    assert (booked.refunded, booked.refunds[first], booked.stands) == (400, (400, "succeeded"), True)
    with pytest.raises(NotPossible):
        play.refund(payment, 601)


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute_is_open_then_decided(served: Served, won: bool) -> None:
    play, api = served.world.stripe, client(served)
    payment = play.pay(play.start_checkout(amount=1000))
    dispute = play.dispute(payment)
    assert api.disputes.list({"payment_intent": payment}).data[0].status == "needs_response"
    play.close_dispute(dispute, won=won)
    assert api.disputes.retrieve(dispute).status == ("won" if won else "lost")
    assert (types_of(play, dispute)[0], types_of(play, dispute)[-1]) == ("charge.dispute.created", "charge.dispute.closed")
    assert play.books.payment(payment).stands is won


def test_a_subscription_is_renewed_fails_and_ends(served: Served) -> None:
    play, api = served.world.stripe, client(served)
    checkout = play.start_checkout("chk_sub", amount=5990, mode="subscription")
    first = play.pay(checkout)
    session = api.checkout.sessions.retrieve(checkout, {"expand": ["subscription.latest_invoice.payments"]})
    assert (session.payment_intent, session.subscription.latest_invoice.payments.data[0].payment.payment_intent) == (None, first)
    renewal = play.renew(checkout, paid=False)
    assert api.subscriptions.retrieve(session.subscription.id).status == "past_due"
    assert play.renew(checkout) == renewal
    links = api.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": renewal}, "expand": ["data.invoice"]}).data
    assert (len(links), links[0].invoice.parent.subscription_details.subscription) == (1, session.subscription.id)
    assert [one.status for one in api.invoices.list({"subscription": session.subscription.id}).data] == ["paid", "paid"]
    periods = [play.books.payment(one).period for one in (first, renewal)]
    assert periods[0] is not None
    assert periods[1] is not None
    assert periods[0][1] == periods[1][0]
    play.cancel(checkout)
    assert types_of(play, session.subscription.id)[-1] == "customer.subscription.deleted"


def test_an_expired_checkout_takes_no_payment(served: Served) -> None:
    play, api = served.world.stripe, client(served)
    checkout = play.start_checkout(amount=100)
    payment = play.fail(checkout)
    play.expire(checkout)
    assert (api.checkout.sessions.retrieve(checkout).status, api.payment_intents.retrieve(payment).status) == ("expired", "canceled")
    with pytest.raises(NotPossible):
        play.pay(checkout)


def test_events_are_read_page_by_page_within_their_time(served: Served) -> None:
    play, api = served.world.stripe, client(served)
    play.pay(play.start_checkout(amount=100))
    since = play.events[0]["created"]
    found = [one.id for one in api.events.list({"limit": 3, "created": {"gte": since}}).auto_paging_iter()]
    assert found == [one["id"] for one in reversed(play.events)]
    assert api.events.list({"created": {"lt": since}}).data == []
    assert {one.type for one in api.events.list({"type": "charge.succeeded", "limit": 100}).data} == {"charge.succeeded"}


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("500", stripe.APIError),
        ("429", stripe.RateLimitError),
        ("broken", stripe.APIError),
        ("timeout", stripe.APIConnectionError),
        ("refused", stripe.AuthenticationError),
    ],
)
def test_trouble_is_as_long_as_it_was_asked_for(served: Served, kind: str, error: type[Exception]) -> None:
    served.world.stripe.trouble.next(kind)
    with pytest.raises(error):
        client(served).accounts.retrieve_current()
    assert client(served).accounts.retrieve_current().object == "account"


def test_a_wrong_key_and_an_unknown_id_are_refused(served: Served) -> None:
    with pytest.raises(stripe.AuthenticationError):
        client(served, "sk_test_somebody_else").accounts.retrieve_current()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client(served).payment_intents.retrieve("pi_of_nobody")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_the_same_seed_makes_the_same_ids() -> None:
    options: dict[str, Any] = {"key": "k", "secrets": ["s"], "seed": 7}
    assert Stripe(**options).start_checkout(amount=1) == Stripe(**options).start_checkout(amount=1)
