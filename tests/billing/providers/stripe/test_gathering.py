from urllib.parse import parse_qs, urlsplit

import pytest

from billing import providers
from billing.providers.stripe.gathering import kind_of
from billing.report import CouldNotAsk
from billing.states import CheckoutState, PaymentState
from tests.billing.conftest import Canned
from tests.billing.providers.stripe import shapes


@pytest.fixture
def stripe():
    return providers.get("stripe")


@pytest.fixture
def paid(canned: Canned) -> Canned:
    """A session that was paid once, with nothing after it."""
    canned.says("/v1/payment_intents/pi_1", shapes.intent())
    canned.says("/v1/charges/ch_1", shapes.charge())
    canned.says("/v1/checkout/sessions/cs_1", shapes.session())
    canned.says("/v1/checkout/sessions", shapes.page())
    canned.says("/v1/checkout/sessions", shapes.page(shapes.session()), payment_intent="pi_1")
    canned.says("/v1/refunds", shapes.page())
    canned.says("/v1/disputes", shapes.page())
    canned.says("/v1/invoice_payments", shapes.page())
    return canned


@pytest.fixture
def subscribed(canned: Canned) -> Canned:
    """A session that began a subscription, its first invoice paid."""
    begun = shapes.session(payment_intent=None, subscription="sub_1", invoice="in_1", mode="subscription")
    canned.says("/v1/checkout/sessions/cs_1", begun)
    canned.says("/v1/checkout/sessions", shapes.page())
    canned.says("/v1/checkout/sessions", shapes.page(begun), subscription="sub_1")
    canned.says("/v1/subscriptions/sub_1", shapes.subscription())
    canned.says("/v1/invoices/in_1", shapes.invoice("pi_1"))
    canned.says("/v1/payment_intents/pi_1", shapes.intent())
    canned.says("/v1/invoice_payments", shapes.page({"id": "inpay_1", "object": "invoice_payment", "invoice": "in_1"}))
    canned.says("/v1/refunds", shapes.page())
    canned.says("/v1/disputes", shapes.page())
    return canned


@pytest.mark.parametrize(
    ("event_type", "object_id"),
    [
        ("payment_intent.succeeded", "pi_1"), ("payment_intent.payment_failed", "pi_1"), ("payment_intent.canceled", "pi_1"),
        ("payment_intent.processing", "pi_1"), ("v1.payment_intent.succeeded", "pi_1"), ("charge.refunded", "ch_1"),
        ("charge.refund.updated", "re_1"), ("refund.created", "re_1"), ("refund.failed", "re_1"), ("charge.dispute.created", "du_1"),
        ("charge.dispute.closed", "du_1"), ("charge.dispute.funds_withdrawn", "du_1"), ("charge.dispute.funds_reinstated", "du_1"),
        ("checkout.session.completed", "cs_1"), ("checkout.session.expired", "cs_1"), ("checkout.session.async_payment_succeeded", "cs_1"),
        ("checkout.session.async_payment_failed", "cs_1"),
    ],
)  # fmt: skip
def test_every_event_of_a_payment_brings_the_same_report(stripe, paid, event_type, object_id):
    paid.says("/v1/refunds/re_1", shapes.refund())
    paid.says("/v1/disputes/du_1", shapes.dispute())
    paid.says("/v1/refunds", shapes.page(shapes.refund()), payment_intent="pi_1")
    paid.says("/v1/disputes", shapes.page(shapes.dispute()), payment_intent="pi_1")
    report = stripe.about_event(event_type, object_id, {})
    assert report.checkout.id == "cs_1"
    assert report.checkout.state is CheckoutState.PAID
    assert report.subscription is None
    assert [(one.id, one.reference, len(one.refunds), len(one.disputes)) for one in report.payments] == [("pi_1", "chk_1", 1, 1)]


@pytest.mark.parametrize(
    "event_type", ["customer.created", "payment_intent.created", "charge.succeeded", "invoice.created", "invoice_payment.paid", "refunds", ""]
)
def test_event_that_moves_nothing_is_not_asked_about(stripe, canned, event_type):
    assert stripe.about_event(event_type, "x_1", {}) is None
    assert canned.asked == []


def test_body_of_an_event_is_not_believed(stripe, paid):
    body = {"data": {"object": {"id": "pi_1", "status": "succeeded", "amount_received": 999_999}}}
    assert stripe.about_event("payment_intent.succeeded", "pi_1", body).payments[0].amount == 2990


def test_charge_without_a_payment_intent_belongs_to_no_checkout(stripe, paid):
    paid.says("/v1/charges/ch_1", shapes.charge(payment_intent=None))
    assert stripe.about_event("charge.refunded", "ch_1", {}) is None


def test_payment_that_was_never_charged_has_no_refunds_to_ask_for(stripe, paid):
    paid.says("/v1/payment_intents/pi_1", shapes.intent(status="requires_payment_method", latest_charge=None))
    assert stripe.about_event("payment_intent.payment_failed", "pi_1", {}).payments[0].state is PaymentState.PENDING
    assert [path for path in paid.asked if "refunds" in path or "disputes" in path] == []


@pytest.mark.parametrize(
    ("event_type", "object_id", "payments"),
    [
        ("invoice.paid", "in_1", ["pi_1"]),
        ("invoice.payment_failed", "in_1", ["pi_1"]),
        ("payment_intent.succeeded", "pi_1", ["pi_1"]),
        ("checkout.session.completed", "cs_1", ["pi_1"]),
        ("customer.subscription.updated", "sub_1", []),
        ("customer.subscription.deleted", "sub_1", []),
    ],
)
def test_every_event_of_a_subscription_leads_to_its_session(stripe, subscribed, event_type, object_id, payments):
    report = stripe.about_event(event_type, object_id, {})
    assert (report.checkout.id, report.subscription.id) == ("cs_1", "sub_1")
    assert [one.id for one in report.payments] == payments
    for one in report.payments:
        assert (one.reference, one.session_id, one.subscription_id, one.invoice_id) == ("chk_1", "cs_1", "sub_1", "in_1")
        assert (one.period_end - one.period_start).days == 30


def test_invoice_over_nothing_is_no_payment(stripe, subscribed):
    subscribed.says("/v1/invoices/in_1", shapes.invoice(amount_paid=0))
    assert stripe.about_event("invoice.paid", "in_1", {}).payments == ()


def test_invoice_paid_elsewhere_is_a_payment_by_its_own_id(stripe, subscribed):
    subscribed.says("/v1/invoices/in_1", shapes.invoice())
    assert [one.id for one in stripe.about_event("invoice.paid", "in_1", {}).payments] == ["in_1"]
    report = stripe.about_checkout(checkout_id="chk_1", session_id="", payment_ids=("in_1",))
    assert [one.id for one in report.payments] == ["in_1"]


def test_invoice_paid_elsewhere_after_its_card_failed_is_a_payment_by_its_own_id(stripe, subscribed):
    subscribed.says("/v1/payment_intents/pi_1", shapes.intent(status="canceled", latest_charge=None))
    report = stripe.about_event("invoice.paid", "in_1", {})
    assert [(one.id, one.state) for one in report.payments] == [("pi_1", PaymentState.CANCELLED), ("in_1", PaymentState.APPROVED)]


def test_intent_that_is_paid_while_all_is_gathered_is_no_second_payment(stripe, subscribed):
    subscribed.says("/v1/invoices/in_1", shapes.invoice("pi_1", status="open", amount_paid=0))
    subscribed.says("/v1/invoices", shapes.page(shapes.invoice("pi_1")))
    subscribed.says("/v1/payment_intents/pi_1", shapes.intent(status="processing", latest_charge=None), shapes.intent())
    report = stripe.about_checkout(checkout_id="chk_1", session_id="cs_1", subscription_id="sub_1")
    assert [(one.id, one.state) for one in report.payments] == [("pi_1", PaymentState.APPROVED)]


def test_checkout_is_asked_for_by_its_session(stripe, paid):
    report = stripe.about_checkout(checkout_id="chk_1", session_id="cs_1", payment_ids=("pi_1",))
    assert (report.provider, report.checkout.id, [one.id for one in report.payments]) == ("stripe", "cs_1", ["pi_1"])
    assert len([path for path in paid.asked if path.startswith("/v1/payment_intents/pi_1")]) == 1


def test_second_payment_of_a_checkout_is_not_said_to_be_of_its_session(stripe, paid):
    paid.says("/v1/payment_intents/pi_2", shapes.intent(id="pi_2", metadata={"checkout_id": "chk_1"}))
    report = stripe.about_checkout(checkout_id="chk_1", session_id="cs_1", payment_ids=("pi_2",))
    assert [(one.id, one.session_id, one.reference) for one in report.payments] == [("pi_1", "cs_1", "chk_1"), ("pi_2", "", "chk_1")]
    assert report.checkout.id == "cs_1"


def test_checkout_that_is_known_by_nothing_else_is_searched_for(stripe, paid):
    paid.says("/v1/payment_intents/search", {"object": "search_result", "data": [shapes.intent()], "has_more": False})
    report = stripe.about_checkout(checkout_id="it's \\ mine", session_id="")
    assert [one.id for one in report.payments] == ["pi_1"]
    assert parse_qs(urlsplit(paid.asked[0]).query)["query"] == [r"metadata['checkout_id']:'it\'s \\ mine'"]


def test_subscription_of_a_checkout_brings_all_its_invoices(stripe, subscribed):
    second = shapes.invoice("pi_2", id="in_2")
    subscribed.says("/v1/invoices", shapes.page(second, shapes.invoice("pi_1")))
    subscribed.says("/v1/payment_intents/pi_2", shapes.intent(id="pi_2"))
    report = stripe.about_checkout(checkout_id="chk_1", session_id="cs_1", subscription_id="sub_1")
    assert [(one.id, one.invoice_id) for one in report.payments] == [("pi_1", "in_1"), ("pi_2", "in_2")]
    assert len([path for path in subscribed.asked if path.startswith("/v1/payment_intents/pi_1")]) == 1


def test_payment_of_another_subscription_is_not_said_to_be_of_this_session(stripe, subscribed):
    other = {"type": "subscription_details", "subscription_details": {"subscription": "sub_2", "metadata": {}}}
    subscribed.says("/v1/invoices", shapes.page(shapes.invoice("pi_1")))
    subscribed.says("/v1/payment_intents/pi_9", shapes.intent(id="pi_9"))
    subscribed.says(
        "/v1/invoice_payments", shapes.page({"id": "inpay_9", "object": "invoice_payment", "invoice": "in_9"}), **{"payment[payment_intent]": "pi_9"}
    )
    subscribed.says("/v1/invoices/in_9", shapes.invoice("pi_9", id="in_9", parent=other))
    report = stripe.about_checkout(checkout_id="chk_1", session_id="cs_1", payment_ids=("pi_9",))
    assert [(one.id, one.session_id, one.subscription_id) for one in report.payments] == [("pi_1", "cs_1", "sub_1"), ("pi_9", "", "sub_2")]


def test_all_pages_of_refunds_are_read(stripe, paid):
    paid.says("/v1/refunds", shapes.page(shapes.refund(), more=True), payment_intent="pi_1")
    paid.says("/v1/refunds", shapes.page(shapes.refund(id="re_2")), payment_intent="pi_1", starting_after="re_1")
    report = stripe.about_event("payment_intent.succeeded", "pi_1", {})
    assert [one.id for one in report.payments[0].refunds] == ["re_1", "re_2"]


@pytest.mark.parametrize("page", [shapes.page(shapes.refund(), more=True), shapes.page(more=True)])
def test_list_that_does_not_end_is_left(stripe, paid, page):
    paid.says("/v1/refunds", page, payment_intent="pi_1")
    with pytest.raises(CouldNotAsk, match="does not end") as error:
        stripe.about_event("payment_intent.succeeded", "pi_1", {})
    assert (error.value.code, error.value.again) == ("broken", False)
    assert len(paid.asked) < 20


@pytest.mark.parametrize("object_id", ["", "../account", "pi_1?expand=x", "pi 1", "pi_\x00"])
def test_id_that_is_none_is_not_asked_for(stripe, canned, object_id):
    with pytest.raises(CouldNotAsk) as error:
        stripe.about_event("payment_intent.succeeded", object_id, {})
    assert (error.value.code, error.value.again, canned.asked) == ("not_found", False, [])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"<html>", b"\xff", b"[" * 50_000, {}, {"object": "charge"}, shapes.intent(status=None), shapes.intent(amount_received="1"),
        shapes.intent(amount_received=None), shapes.intent(amount_received=29.9), shapes.intent(currency=None), shapes.intent(id=None),
    ],
)  # fmt: skip
def test_answer_that_makes_no_sense_is_no_report(stripe, paid, body):
    paid.says("/v1/payment_intents/pi_1", body)
    with pytest.raises(CouldNotAsk) as error:
        stripe.about_event("payment_intent.succeeded", "pi_1", {})
    assert error.value.code == "broken"


def test_kinds_of_events():
    assert kind_of("charge.dispute.created") == kind_of("v1.charge.dispute.created") == "dispute"
    assert kind_of("charge.disputed") == kind_of("refund") == ""


def test_library_is_asked_in_its_own_version_and_with_the_key(stripe, paid):
    stripe.about_event("payment_intent.succeeded", "pi_1", {})
    headers = paid.requests[0].headers
    assert headers["authorization"] == "Bearer sk_test_tests"
    assert headers["stripe-version"] >= "2026"
