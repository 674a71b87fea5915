"""Making things happen over HTTP."""

import httpx

from tests.sandbox.providers.conftest import Served


def act(served: Served, path: str, **arguments: object) -> httpx.Response:
    return httpx.post(f"{served.base}/control/{path}", json=arguments)


def test_a_person_can_pay_and_refund(served: Served) -> None:
    checkout = act(served, "mercadopago/start_checkout", reference="chk_hand", amount=2990).json()["result"]
    payment = act(served, "mercadopago/pay", checkout=checkout).json()["result"]
    assert act(served, "mercadopago/refund", payment=payment, amount=990).status_code == 200
    booked = act(served, "mercadopago/books").json()["result"][0]
    assert (booked["reference"], booked["payments"][payment]["amount"], served.world.mercadopago.books.payment(payment).refunded) == (
        "chk_hand",
        2990,
        990,
    )


def test_what_cannot_be_is_said(served: Served) -> None:
    answers = [
        act(served, "stripe/pay", checkout="cs_of_nobody"),
        act(served, "stripe/pay"),
        act(served, "stripe/rob"),
        act(served, "stripe/trouble", kind="418"),
    ]
    assert [answer.status_code for answer in answers] == [409, 400, 404, 409]
    assert "checkout" in answers[1].json()["error"]
    assert httpx.post(f"{served.base}/control/stripe/pay", content=b"[1]").status_code == 400


def test_the_verbs_are_listed(served: Served) -> None:
    verbs = httpx.get(f"{served.base}/control").json()
    assert (set(verbs), "amount" in verbs["stripe"]["refund"], "renew" in verbs["mercadopago"]) == ({"stripe", "mercadopago", "product"}, True, False)
    assert httpx.get(f"{served.base}/elsewhere").status_code == 404
