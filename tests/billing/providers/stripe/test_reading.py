from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from billing.providers.stripe import reading
from billing.report import CouldNotAsk, ReportedDispute, ReportedPayment, ReportedRefund
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState
from tests.billing.providers.stripe import shapes
from tests.billing.providers.stripe.shapes import CREATED

AT = datetime.fromtimestamp(CREATED, UTC)


def read(intent=None, refunds=(), disputes=(), session=None, invoice=None) -> ReportedPayment:
    return reading.payment(intent or shapes.intent(), list(refunds), list(disputes), session=session, invoice=invoice)


def test_payment_of_a_session_has_everything_both_say():
    found = read(refunds=[shapes.refund()], disputes=[shapes.dispute()], session=shapes.session())
    assert found == ReportedPayment(
        id="pi_1", state=PaymentState.APPROVED, status="succeeded", amount=2990, currency="BRL", created_at=AT, paid_at=AT + timedelta(seconds=60),
        reference="chk_1", session_id="cs_1", customer_id="cus_1", email="buyer@example.com",
        refunds=(ReportedRefund("re_1", 1000, "BRL", RefundState.SUCCEEDED, AT + timedelta(seconds=90)),),
        disputes=(ReportedDispute("du_1", 2990, "BRL", DisputeState.OPEN, "fraudulent", AT + timedelta(seconds=99)),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("succeeded", PaymentState.APPROVED), ("processing", PaymentState.PENDING), ("requires_action", PaymentState.PENDING),
        ("requires_confirmation", PaymentState.PENDING), ("requires_capture", PaymentState.PENDING), ("requires_payment_method", PaymentState.PENDING),
        ("canceled", PaymentState.CANCELLED),
    ],
)  # fmt: skip
def test_payment_state_of_each_status(status, state):
    found = read(shapes.intent(status=status, latest_charge=None))
    assert (found.state, found.status) == (state, status)


def test_payment_that_was_declined_is_rejected_with_the_reason():
    error = {"code": "card_declined", "decline_code": "insufficient_funds"}
    found = read(shapes.intent(status="requires_payment_method", last_payment_error=error, amount_received=0))
    assert (found.state, found.detail, found.amount, found.paid_at) == (PaymentState.REJECTED, "insufficient_funds", 2990, None)


def test_payment_that_was_given_up_says_why():
    assert read(shapes.intent(status="canceled", cancellation_reason="abandoned")).detail == "abandoned"


def test_payment_of_a_status_that_is_not_known_is_not_guessed():
    with pytest.raises(CouldNotAsk, match="“paid_by_magic” of pi_1"):
        read(shapes.intent(status="paid_by_magic"))


def test_payment_in_part_has_the_amount_that_came():
    assert read(shapes.intent(amount_received=1500)).amount == 1500


@pytest.mark.parametrize(
    ("session", "metadata", "expected"),
    [
        (shapes.session(), {"checkout_id": "chk_2"}, "chk_1"),
        (shapes.session(client_reference_id=None, metadata={"checkout_id": "chk_3"}), {"checkout_id": "chk_2"}, "chk_3"),
        (shapes.session(client_reference_id=None, metadata=None), {"checkout_id": "chk_2"}, "chk_2"),
        (None, {"checkout_id": "chk_2"}, "chk_2"),
        (None, {}, ""),
    ],
)
def test_reference_is_the_sessions_else_what_stands_in_the_metadata(session, metadata, expected):
    assert read(shapes.intent(metadata=metadata), session=session).reference == expected


def test_email_is_the_first_that_anything_names():
    assert read().email == "card@example.com"
    assert read(shapes.intent(receipt_email="receipt@example.com")).email == "receipt@example.com"
    assert read(shapes.intent(latest_charge="ch_1"), invoice=shapes.invoice()).email == "invoice@example.com"


def test_payment_of_an_invoice_pays_for_the_time_of_its_line_that_ends_last():
    short = {"id": "il_0", "period": {"start": CREATED - 5, "end": CREATED + 5}}
    lines = shapes.page(short, {"id": "il_1", "period": {"start": CREATED, "end": CREATED + 2_592_000}})
    found = read(invoice=shapes.invoice("pi_1", lines=lines))
    assert (found.period_start, found.period_end) == (AT, AT + timedelta(days=30))
    assert (found.subscription_id, found.invoice_id) == ("sub_1", "in_1")


def test_invoice_without_a_subscription_pays_for_no_time():
    assert reading.period(shapes.invoice(parent=None)) == (None, None)


def test_invoice_that_no_intent_paid_is_a_payment_of_its_own():
    parent = {"subscription_details": {"subscription": "sub_1", "metadata": {"checkout_id": "chk_5"}}}
    found = reading.invoice_payment(shapes.invoice(parent=parent), session=None)
    assert found == ReportedPayment(
        id="in_1", state=PaymentState.APPROVED, status="paid", amount=2990, currency="BRL", created_at=AT, paid_at=AT + timedelta(seconds=30),
        reference="chk_5", customer_id="cus_1", email="invoice@example.com", subscription_id="sub_1", invoice_id="in_1", period_start=AT,
        period_end=AT + timedelta(days=30),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", RefundState.PENDING), ("requires_action", RefundState.PENDING), ("succeeded", RefundState.SUCCEEDED),
        ("failed", RefundState.FAILED), ("canceled", RefundState.FAILED),
    ],
)  # fmt: skip
def test_refund_state_of_each_status(status, state):
    assert reading.refund(shapes.refund(status=status)).state is state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("needs_response", DisputeState.OPEN), ("under_review", DisputeState.OPEN), ("warning_needs_response", DisputeState.OPEN),
        ("warning_under_review", DisputeState.OPEN), ("appeal_needs_response", DisputeState.OPEN), ("appeal_under_review", DisputeState.OPEN),
        ("warning_closed", DisputeState.WON), ("prevented", DisputeState.WON), ("won", DisputeState.WON), ("lost", DisputeState.LOST),
    ],
)  # fmt: skip
def test_dispute_state_of_each_status(status, state):
    assert reading.dispute(shapes.dispute(status=status)).state is state


@pytest.mark.parametrize("read_one", [lambda: reading.refund(shapes.refund(status="odd")), lambda: reading.dispute(shapes.dispute(status="odd"))])
def test_status_that_is_not_known_is_not_guessed(read_one):
    with pytest.raises(CouldNotAsk) as error:
        read_one()
    assert (error.value.code, error.value.again) == ("broken", False)


@pytest.mark.parametrize(
    ("status", "paid", "payment", "state"),
    [
        ("open", "unpaid", None, CheckoutState.OPEN),
        ("open", "unpaid", PaymentState.REJECTED, CheckoutState.OPEN),
        ("expired", "unpaid", PaymentState.CANCELLED, CheckoutState.EXPIRED),
        ("complete", "paid", PaymentState.APPROVED, CheckoutState.PAID),
        ("complete", "no_payment_required", None, CheckoutState.PAID),
        ("complete", "unpaid", None, CheckoutState.PENDING),
        ("complete", "unpaid", PaymentState.PENDING, CheckoutState.PENDING),
        ("complete", "unpaid", PaymentState.REJECTED, CheckoutState.FAILED),
        ("complete", "unpaid", PaymentState.CANCELLED, CheckoutState.FAILED),
    ],
)
def test_checkout_state_of_session_and_payment(status, paid, payment, state):
    payments = [replace(read(), state=payment)] if payment else []
    found = reading.checkout(shapes.session(status=status, payment_status=paid), payments)
    assert (found.state, found.status) == (state, f"{status}/{paid}")


def test_checkout_with_a_try_that_is_still_under_way_has_not_failed():
    payments = [replace(read(), state=PaymentState.REJECTED), replace(read(), id="pi_2", state=PaymentState.PENDING)]
    assert reading.checkout(shapes.session(payment_status="unpaid"), payments).state is CheckoutState.PENDING


@pytest.mark.parametrize(("status", "paid"), [("complete", "odd"), ("odd", "unpaid"), (None, "unpaid")])
def test_checkout_of_a_status_that_is_not_known_is_not_guessed(status, paid):
    with pytest.raises(CouldNotAsk):
        reading.checkout(shapes.session(status=status, payment_status=paid), [])


def test_checkout_has_what_the_session_says():
    found = reading.checkout(shapes.session(), [])
    assert (found.id, found.amount, found.currency, found.reference, found.email) == ("cs_1", 2990, "BRL", "chk_1", "buyer@example.com")
    assert (found.created_at, found.expires_at) == (AT, AT + timedelta(days=1))


def test_checkout_without_an_amount_yet_has_none():
    assert reading.checkout(shapes.session(amount_total=None, currency=None, status="open", payment_status="unpaid"), []).amount is None


def test_subscription_is_paid_until_its_last_item_ends():
    items = shapes.page({"current_period_end": CREATED + 10}, {"current_period_end": CREATED + 20})
    found = reading.subscription(shapes.subscription(items=items), session=shapes.session())
    assert (found.status, found.current_period_end, found.cancel_at, found.reference) == ("active", AT + timedelta(seconds=20), None, "chk_1")


def test_subscription_that_is_not_renewed_ends_with_its_period():
    assert reading.subscription(shapes.subscription(cancel_at_period_end=True), session=None).cancel_at == AT + timedelta(days=30)
    assert reading.subscription(shapes.subscription(cancel_at=CREATED + 7), session=None).cancel_at == AT + timedelta(seconds=7)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [(2990, "BRL", 2990), (500, "JPY", 500), (5000, "UGX", 50), (12_300, "ISK", 123), (5120, "KWD", 5120), (2990, "USD", 2990), (500, "CLP", 500)],
)
def test_amounts_are_in_our_minor_units(amount, currency, minor):
    assert reading.minor(amount, currency) == minor


@pytest.mark.parametrize("amount", [None, "2990", 29.9, True])
def test_amount_that_is_no_whole_number_is_no_amount(amount):
    with pytest.raises(TypeError):
        reading.minor(amount, "BRL")
