from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billing.providers.mercadopago import reading
from billing.report import CouldNotAsk, ReportedDispute, ReportedPayment, ReportedRefund
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState
from tests.billing.providers.mercadopago import shapes

CREATED = datetime(2026, 10, 1, 13, 11, tzinfo=UTC)
APPROVED = CREATED + timedelta(minutes=1)


def exact(found):
    """As the client reads JSON: amounts are Decimals."""
    if isinstance(found, dict):
        return {key: exact(value) for key, value in found.items()}
    return [exact(one) for one in found] if isinstance(found, list) else Decimal(str(found)) if isinstance(found, float) else found


def read(preference_id: str = "", **fields) -> ReportedPayment:
    return reading.payment(exact(shapes.payment(**fields)), preference_id=preference_id)


def test_payment_has_everything_that_was_said():
    assert read("44-pref", refunds=[shapes.refund()]) == ReportedPayment(
        id="999", state=PaymentState.APPROVED, status="approved", amount=2990, currency="BRL", detail="accredited", created_at=CREATED,
        paid_at=APPROVED, reference="chk_1", session_id="44-pref", customer_id="77", email="buyer@example.com",
        refunds=(ReportedRefund("31", 1001, "BRL", RefundState.SUCCEEDED, datetime(2026, 10, 2, 13, tzinfo=UTC)),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "detail", "state"),
    [
        ("approved", "accredited", PaymentState.APPROVED), ("authorized", "pending_capture", PaymentState.PENDING),
        ("pending", "pending_waiting_transfer", PaymentState.PENDING), ("in_process", "pending_review_manual", PaymentState.PENDING),
        ("in_mediation", "pending", PaymentState.APPROVED), ("rejected", "cc_rejected_high_risk", PaymentState.REJECTED),
        ("cancelled", "expired", PaymentState.CANCELLED), ("refunded", "refunded", PaymentState.APPROVED),
        ("charged_back", "settled", PaymentState.APPROVED),
    ],
)  # fmt: skip
def test_payment_state_of_each_status(status, detail, state):
    found = read(status=status, status_detail=detail)
    assert (found.state, found.status, found.detail) == (state, status, detail)
    assert found.paid_at == (APPROVED if state is PaymentState.APPROVED else None)


@pytest.mark.parametrize(("detail", "state"), [("in_process", DisputeState.OPEN), ("settled", DisputeState.LOST), ("reimbursed", DisputeState.WON)])
def test_chargeback_is_a_dispute_by_its_detail(detail, state):
    assert read(status="charged_back", status_detail=detail).disputes == (ReportedDispute("dispute-999", 2990, "BRL", state, "chargeback", APPROVED),)


def test_mediation_is_an_open_dispute_and_may_become_a_chargeback():
    assert read(status="in_mediation").disputes == (ReportedDispute("dispute-999", 2990, "BRL", DisputeState.OPEN, "mediation", APPROVED),)


def test_payment_that_was_refunded_without_a_refund_was_refunded_as_a_whole():
    assert read(status="refunded", refunds=None).refunds == (ReportedRefund("refund-999", 2990, "BRL", RefundState.SUCCEEDED, APPROVED),)


@pytest.mark.parametrize(
    ("refunds", "amounts"), [([("approved", 10.01)], [1001, 1989]), ([("rejected", 29.9)], [2990, 2990]), ([("approved", 29.9)], [2990])]
)
def test_rest_of_a_payment_that_was_refunded_went_back_too(refunds, amounts):
    found = read(status="refunded", refunds=[shapes.refund(status=status, amount=amount) for status, amount in refunds])
    assert [one.amount for one in found.refunds] == amounts


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("approved", RefundState.SUCCEEDED), (None, RefundState.SUCCEEDED), ("in_process", RefundState.PENDING), ("pending", RefundState.PENDING),
        ("authorized", RefundState.PENDING), ("rejected", RefundState.FAILED), ("cancelled", RefundState.FAILED),
    ],
)  # fmt: skip
def test_refund_state_of_each_status(status, state):
    assert [one.state for one in read(refunds=[shapes.refund(status=status)]).refunds] == [state]


@pytest.mark.parametrize(
    "fields", [{"status": "odd"}, {"status": "charged_back", "status_detail": "odd"}, {"refunds": [shapes.refund(status="odd")]}]
)
def test_status_that_is_not_known_is_not_guessed(fields):
    with pytest.raises(CouldNotAsk, match="which this portal does not know") as error:
        read(**fields)
    assert (error.value.code, error.value.again) == ("broken", False)


def test_reference_may_stand_in_the_metadata():
    assert read(external_reference=None, metadata={"checkout_id": "chk_2"}).reference == "chk_2"


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [(Decimal("29.9"), "BRL", 2990), (Decimal("0.1") + Decimal("0.2"), "BRL", 30), (1500, "CLP", 1500), (Decimal("19.99"), "ARS", 1999)],
)
def test_amounts_are_in_minor_units(amount, currency, minor):
    assert reading.minor(amount, currency) == minor


@pytest.mark.parametrize("amount", [None, "29.90", 29.9, True])
def test_amount_that_was_not_read_exactly_is_no_amount(amount):
    with pytest.raises(TypeError):
        reading.minor(amount, "BRL")


@pytest.mark.parametrize(
    ("states", "is_over", "expected"),
    [
        ([], False, CheckoutState.OPEN), ([], True, CheckoutState.EXPIRED), ([PaymentState.REJECTED], False, CheckoutState.FAILED),
        ([PaymentState.REJECTED], True, CheckoutState.EXPIRED), ([PaymentState.REJECTED, PaymentState.PENDING], False, CheckoutState.PENDING),
        ([PaymentState.PENDING], True, CheckoutState.PENDING), ([PaymentState.REJECTED, PaymentState.APPROVED], True, CheckoutState.PAID),
    ],
)  # fmt: skip
def test_checkout_is_what_its_payments_and_its_time_make_of_it(states, is_over, expected):
    now = CREATED + timedelta(days=1)
    ends = now - timedelta(hours=1) if is_over else now + timedelta(hours=1)
    given = shapes.preference(expires=True, expiration_date_to=ends.isoformat())
    found = reading.checkout(exact(given), [replace(read(), state=state) for state in states], now=now)
    assert (found.state, found.status, found.expires_at) == (expected, expected.value, ends)


def test_checkout_has_the_sum_of_its_items():
    items = [{"currency_id": "BRL", "quantity": 2, "unit_price": 10.05}, {"currency_id": "BRL", "quantity": 1, "unit_price": 5}]
    found = reading.checkout(exact(shapes.preference(items=items)), [], now=CREATED)
    assert (found.id, found.amount, found.currency, found.reference, found.email) == ("44-pref", 2510, "BRL", "chk_1", "buyer@example.com")
    assert (found.expires_at, reading.checkout(exact(shapes.preference(items=[])), [], now=CREATED).amount) == (None, None)


def test_checkout_that_does_not_expire_has_no_end_whatever_date_it_names():
    given = shapes.preference(expires=False, expiration_date_to=(CREATED - timedelta(days=1)).isoformat())
    found = reading.checkout(exact(given), [], now=CREATED)
    assert (found.state, found.expires_at) == (CheckoutState.OPEN, None)
