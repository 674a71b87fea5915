import pytest

from billing import providers
from billing.report import CouldNotAsk
from billing.states import CheckoutState, DisputeState
from tests.billing.conftest import Canned
from tests.billing.providers.mercadopago import shapes


@pytest.fixture
def mercadopago():
    return providers.get("mercadopago")


@pytest.fixture
def paid(canned: Canned) -> Canned:
    """A preference whose second try was paid."""
    canned.says("/v1/payments/999", shapes.payment())
    canned.says("/v1/payments/998", shapes.payment(id=998, status="rejected", status_detail="cc_rejected_other_reason", date_approved=None))
    canned.says("/merchant_orders/555", shapes.order(998, 999))
    canned.says("/checkout/preferences/44-pref", shapes.preference())
    canned.says("/v1/payments/search", shapes.found())
    canned.says("/v1/chargebacks/231", {"id": "231", "payments": [999], "coverage_applied": None})
    return canned


@pytest.mark.parametrize(
    ("event_type", "object_id"),
    [
        ("payment", "999"), ("payment.created", "999"), ("payment.updated", "999"), ("merchant_order", "555"), ("topic_merchant_order_wh", "555"),
        ("chargebacks", "231"), ("topic_chargebacks_wh", "231"),
    ],
)  # fmt: skip
def test_every_notification_of_a_checkout_brings_all_its_payments(mercadopago, paid, event_type, object_id):
    report = mercadopago.about_event(event_type, object_id, {})
    assert (report.provider, report.checkout.id, report.checkout.state) == ("mercadopago", "44-pref", CheckoutState.PAID)
    assert sorted((one.id, one.session_id, one.reference) for one in report.payments) == [("998", "44-pref", "chk_1"), ("999", "44-pref", "chk_1")]


@pytest.mark.parametrize("event_type", ["subscription_preapproval", "plan", "order.processed", "mp-connect", "payments", ""])
def test_notification_that_moves_nothing_is_not_asked_about(mercadopago, canned, event_type):
    assert mercadopago.about_event(event_type, "1", {}) is None
    assert canned.asked == []


def test_search_that_finds_more_than_was_asked_for_is_not_believed(mercadopago, paid):
    paid.says("/v1/payments/search", shapes.found(shapes.payment(id=777, external_reference="chk_10"), shapes.payment()))
    paid.says("/v1/payments/777", shapes.payment(id=777, external_reference="chk_10"))
    report = mercadopago.about_checkout(checkout_id="chk_1", session_id="44-pref")
    assert [one.id for one in report.payments] == ["999"]


def test_payment_without_an_order_is_not_said_to_be_of_another_ones_page(mercadopago, paid):
    paid.says("/v1/chargebacks/231", {"id": "231", "payments": [999, 777]})
    paid.says("/v1/payments/777", shapes.payment(id=777, external_reference="chk_2", order=None))
    report = mercadopago.about_event("chargebacks", "231", {})
    assert [(one.id, one.session_id) for one in report.payments if one.id != "998"] == [("999", "44-pref"), ("777", "")]


def test_payment_without_an_order_stands_alone(mercadopago, paid):
    paid.says("/v1/payments/999", shapes.payment(order={}))
    report = mercadopago.about_event("payment.updated", "999", {})
    assert (report.checkout, [(one.id, one.session_id) for one in report.payments]) == (None, [("999", "")])


def test_payment_of_an_order_that_is_not_found_stands_alone(mercadopago, paid):
    paid.says("/merchant_orders/555", {}, status=404)
    assert [one.id for one in mercadopago.about_event("payment.updated", "999", {}).payments] == ["999"]


def test_payment_of_an_order_that_cannot_be_asked_for_is_no_report(mercadopago, paid):
    paid.says("/merchant_orders/555", {}, status=500)
    with pytest.raises(CouldNotAsk):
        mercadopago.about_event("payment.updated", "999", {})


def test_payment_that_is_not_there_yet_is_worth_another_try(mercadopago, canned):
    with pytest.raises(CouldNotAsk) as error:
        mercadopago.about_event("payment.created", "1", {})
    assert (error.value.code, error.value.again) == ("not_found", True)


@pytest.mark.parametrize("object_id", ["", "abc", "../users/me", "1?x=y", "1" * 31, "１"])
def test_id_that_is_none_is_not_asked_for(mercadopago, canned, object_id):
    with pytest.raises(CouldNotAsk) as error:
        mercadopago.about_event("payment.updated", object_id, {})
    assert (error.value.code, error.value.again, canned.asked) == ("not_found", False, [])


def test_amounts_are_read_as_they_are_written(mercadopago, paid):
    paid.says("/v1/payments/999", b'{"id": 999, "currency_id": "BRL", "status": "approved", "transaction_amount": 90071992547409.93}')
    assert mercadopago.about_event("payment.updated", "999", {}).payments[0].amount == 9_007_199_254_740_993


def test_checkout_is_searched_by_our_id_and_each_payment_asked_for_itself(mercadopago, paid):
    stale = shapes.payment(status="pending", status_detail="pending_waiting_transfer")
    paid.says("/v1/payments/search", shapes.found(stale), external_reference="chk_1")
    report = mercadopago.about_checkout(checkout_id="chk_1", session_id="44-pref", payment_ids=("998",))
    assert [(one.id, one.status) for one in report.payments] == [("998", "rejected"), ("999", "approved")]
    assert report.checkout.state is CheckoutState.PAID


def test_of_very_many_tries_the_one_that_was_paid_is_not_left_out(mercadopago, paid):
    tries = [shapes.payment(id=number, status="rejected", status_detail="cc_rejected_other_reason") for number in range(1, 41)]
    for one in tries:
        paid.says(f"/v1/payments/{one['id']}", one)
    paid.says("/v1/payments/search", shapes.found(*tries, shapes.payment()))
    paid.says("/merchant_orders/555", shapes.order(payments=[{"id": one["id"], "status": one["status"]} for one in (*tries, shapes.payment())]))
    reports = [mercadopago.about_checkout(checkout_id="chk_1", session_id=""), mercadopago.about_event("merchant_order", "555", {})]
    assert [report.payments[0].id for report in reports] == ["999", "999"]
    assert [len(report.payments) for report in reports] == [20, 20]


def test_checkout_that_nobody_tried_to_pay_is_open(mercadopago, paid):
    report = mercadopago.about_checkout(checkout_id="chk_1", session_id="44-pref")
    assert (report.checkout.state, report.payments) == (CheckoutState.OPEN, ())


def test_chargeback_of_a_payment_is_its_dispute(mercadopago, paid):
    paid.says("/v1/payments/999", shapes.payment(status="charged_back", status_detail="settled"))
    report = mercadopago.about_event("topic_chargebacks_wh", "231", {})
    assert [dispute.state for one in report.payments for dispute in one.disputes] == [DisputeState.LOST]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"<html>", b"\xff", b"[" * 50_000, {}, shapes.payment(status=None), shapes.payment(transaction_amount="29.90"),
        shapes.payment(transaction_amount=None), b'{"id": 999, "currency_id": "BRL", "status": "approved", "transaction_amount": NaN}',
        b'{"id": 999, "currency_id": "BRL", "status": "approved", "transaction_amount": 1e999999999}',
    ],
)  # fmt: skip
def test_answer_that_makes_no_sense_is_no_report(mercadopago, paid, body):
    paid.says("/v1/payments/999", body)
    with pytest.raises(CouldNotAsk) as error:
        mercadopago.about_event("payment.updated", "999", {})
    assert error.value.code == "broken"


@pytest.mark.parametrize("body", [{"results": None}, {"results": [1]}, {"elements": []}, [1]])
def test_search_that_makes_no_sense_is_no_report(mercadopago, paid, body):
    paid.says("/v1/payments/search", body)
    with pytest.raises(CouldNotAsk, match="makes no sense"):
        mercadopago.about_checkout(checkout_id="chk_1", session_id="")


def test_token_is_sent_to_the_address_of_the_settings(mercadopago, paid):
    mercadopago.about_event("payment.updated", "999", {})
    assert {request.headers["authorization"] for request in paid.requests} == {"Bearer APP_USR-tests"}
