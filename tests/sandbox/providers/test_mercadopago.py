"""The stand-in Mercado Pago over real HTTP, asked through Mercado Pago's own library."""

from typing import Any

import mercadopago
import pytest
from mercadopago.http import HttpClient

from sandbox.providers.stand_in import NotPossible
from tests.sandbox.providers.conftest import Served


class There(HttpClient):
    def __init__(self, base: str) -> None:
        self.base = base

    def request(self, method: str, url: str, **options: Any) -> Any:
        return super().request(method, url.replace("https://api.mercadopago.com", f"{self.base}/mercadopago"), **options)


def sdk(served: Served, token: str = "") -> Any:
    return mercadopago.SDK(token or served.world.keys.mercadopago_token, http_client=There(served.base))


def asked(served: Served, payment: str) -> Any:
    return sdk(served).payment().get(payment)["response"]


def order_of(served: Served, checkout: str) -> Any:
    return sdk(served).merchant_order().search({"preference_id": checkout})["response"]["elements"][0]


def test_a_pix_is_pending_then_approved(served: Served) -> None:
    play = served.world.mercadopago
    checkout = play.start_checkout("chk_1", amount=2990, email="ana@example.com")
    payment = play.begin_payment(checkout)
    assert (asked(served, payment)["status"], order_of(served, checkout)["order_status"]) == ("pending", "payment_in_process")
    play.end_payment(payment)
    found = asked(served, payment)
    assert (found["status"], found["status_detail"], found["transaction_amount"], found["external_reference"]) == (
        "approved",
        "accredited",
        29.9,
        "chk_1",
    )
    order = order_of(served, checkout)
    assert (order["order_status"], order["paid_amount"], order["payments"][0]["id"]) == ("paid", 29.9, int(payment))
    assert sdk(served).preference().get(checkout)["response"]["items"][0]["unit_price"] == 29.9
    assert [one["id"] for one in sdk(served).payment().search({"external_reference": "chk_1"})["response"]["results"]] == [int(payment)]


@pytest.mark.parametrize(("begin", "ends"), [("begin_payment", ("cancelled", "expired")), ("review", ("rejected", "cc_rejected_high_risk"))])
def test_what_takes_time_may_come_to_nothing(served: Served, begin: str, ends: tuple[str, str]) -> None:
    play = served.world.mercadopago
    payment = getattr(play, begin)(play.start_checkout(amount=100))
    play.end_payment(payment, paid=False)
    found = asked(served, payment)
    assert (found["status"], found["status_detail"]) == ends
    with pytest.raises(NotPossible):
        play.end_payment(payment)


def test_refunds_in_part_in_full_and_one_that_fails(served: Served) -> None:
    play = served.world.mercadopago
    payment = play.pay(play.start_checkout(amount=1000))
    play.refund(payment, 400)
    assert (asked(served, payment)["status"], asked(served, payment)["status_detail"]) == ("approved", "partially_refunded")
    rest = play.refund(payment, is_slow=True)
    assert asked(served, payment)["transaction_amount_refunded"] == 4
    play.end_refund(rest)
    assert (asked(served, payment)["status"], [one["amount"] for one in asked(served, payment)["refunds"]]) == ("refunded", [4, 6])
    play.end_refund(rest, done=False)
    assert (asked(served, payment)["status"], play.books.payment(payment).refunded) == ("approved", 400)


@pytest.mark.parametrize(("won", "detail"), [(True, "reimbursed"), (False, "settled")])
def test_a_chargeback_is_decided_later(served: Served, won: bool, detail: str) -> None:
    play = served.world.mercadopago
    payment = play.pay(play.start_checkout(amount=1000))
    chargeback = play.dispute(payment)
    assert (asked(served, payment)["status"], asked(served, payment)["status_detail"]) == ("charged_back", "in_process")
    play.close_dispute(chargeback, won=won)
    assert (asked(served, payment)["status_detail"], sdk(served).chargeback().get(chargeback)["response"]["coverage_applied"]) == (detail, won)
    assert play.books.payment(payment).stands is won


def test_a_declined_card_can_be_followed_by_another_payment(served: Served) -> None:
    play = served.world.mercadopago
    checkout = play.start_checkout(amount=1000)
    first, second = play.fail(checkout), play.pay(checkout)
    assert first != second
    assert [one["status"] for one in order_of(served, checkout)["payments"]] == ["rejected", "approved"]
    assert play.books.checkouts[checkout].state == "paid"


def test_payments_are_found_by_their_last_change_page_by_page(served: Served) -> None:
    play = served.world.mercadopago
    for _each in range(3):
        play.pay(play.start_checkout(amount=1000))
    filters = {"range": "date_last_updated", "begin_date": "NOW-1DAYS", "end_date": "NOW", "sort": "date_last_updated", "criteria": "asc"}
    pages = [sdk(served).payment().search({**filters, "limit": 2, "offset": offset})["response"] for offset in (0, 2)]
    moments = [row["date_last_updated"] for page in pages for row in page["results"]]
    assert (len(moments), moments) == (4, sorted(moments))
    assert pages[0]["paging"]["total"] == len(play.payments)
    assert sdk(served).payment().search({**filters, "range": "date_of_birth"})["status"] == 400


def test_trouble_a_wrong_token_and_an_unknown_id(served: Served) -> None:
    served.world.mercadopago.trouble.next("429")
    assert [sdk(served).user().get()["status"] for _call in range(2)] == [429, 200]
    assert sdk(served, "APP_USR-somebody-else").user().get()["status"] == 401
    assert sdk(served).payment().get("9")["response"]["error"] == "not_found"
