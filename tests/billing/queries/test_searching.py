import pytest

from billing.queries.checkout import Wanted, find_checkouts
from billing.queries.searching import Amount, amount_of
from tests.billing.factories import make_checkout, make_event, make_payment

AMOUNTS = [
    ("29,90", Amount(2990, "")), ("29.90", Amount(2990, "")), ("29", Amount(2900, "")), ("R$ 29,90", Amount(2990, "BRL")), ("r$29,9", Amount(2990, "BRL")),
    ("R$\u00a01.234,50", Amount(123450, "BRL")), ("1,234.50", Amount(123450, "")), ("1.234", Amount(123400, "")), ("US$ 5", Amount(500, "USD")),
    ("BRL 29,90", Amount(2990, "BRL")), ("JPY 500", Amount(500, "JPY")), ("JPY 5,50", None), ("XXQ 5", None), ("chk_29", None), ("29,901", Amount(2990100, "")),
    ("", None), ("-5", None), ("9" * 12, None),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "amount"), AMOUNTS)
def test_amounts_are_read_as_people_write_them(typed: str, amount: Amount | None) -> None:
    assert amount_of(typed) == amount


@pytest.mark.parametrize(
    "typed",
    ["chk_7Q2M", "chk_7", " chk_7Q2M ", "cs_1", "pi_1", "sub_1", "evt_1", "ch_1", "hh_1", "ANA@example.com", "29,90", "R$ 29,90", "chk_7Q2M\x00"],
)
def test_a_checkout_is_found_by_everything_people_have_in_hand(db: None, typed: str) -> None:
    wanted = make_checkout(checkout_id="chk_7Q2M", session_id="cs_1", customer_key="hh_1", email="ana@example.com")
    payment = make_payment(wanted, payment_id="pi_1", subscription_id="sub_1")
    make_event(event_id="evt_1", checkout=wanted, payment=payment, object_id="ch_1")
    make_checkout(checkout_id="chk_8", session_id="", customer_key="", email="", amount=100)
    make_payment(payment_id="pi_2")
    assert list(find_checkouts(Wanted(text=typed))) == [wanted]


@pytest.mark.parametrize("typed", ["chk", "chk_7Q2_", "%", "pi_2", "nobody@example.com", "R$ 29,91", "US$ 29,90"])
def test_what_is_not_there_finds_nothing(db: None, typed: str) -> None:
    make_checkout(checkout_id="chk_7Q2M", session_id="", customer_key="", email="")
    make_payment(payment_id="pi_2")
    assert list(find_checkouts(Wanted(text=typed))) == []


def test_an_id_counts_before_an_amount(db: None) -> None:
    named, _priced = make_checkout(checkout_id="2990"), make_checkout(amount=299000)
    assert list(find_checkouts(Wanted(text="2990"))) == [named]
