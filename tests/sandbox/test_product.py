"""The stand-in product: what a real one should do with the portal's callbacks."""

import json
from collections.abc import Mapping

from sandbox.product import Product
from sandbox.providers.answers import Call

SECRET = "a-secret-of-the-tests-that-is-long"


def post(product: Product, body: Mapping[str, object], key: str = "k1", secret: str = SECRET) -> tuple[int, dict[str, object]]:
    headers = {"x-app-backend-secret": secret, "idempotency-key": key}
    answer = product.answer(Call("POST", "/internal/plans", {}, headers, json.dumps(body).encode()))
    return answer.status, json.loads(answer.body)


def seen(product: Product, customer: str) -> tuple[int, dict[str, object]]:
    answer = product.answer(Call("GET", f"/internal/plans/{customer}", {}, {"x-app-backend-secret": SECRET}))
    return answer.status, json.loads(answer.body)


def test_the_highest_version_is_kept() -> None:
    product = Product([SECRET])
    new, old = {"customer_key": "hh_1", "version": 5, "plan": "plus"}, {"customer_key": "hh_1", "version": 4, "plan": "free"}
    assert post(product, new) == (200, {"applied": True, "version": 5})
    assert post(product, old, key="k2") == (200, {"applied": False, "version": 5})
    assert (seen(product, "hh_1"), seen(product, "hh_2")[0]) == ((200, new), 404)


def test_the_same_key_gets_the_same_answer_and_no_other_body() -> None:
    product = Product([SECRET])
    body = {"customer_key": "hh_1", "version": 5}
    assert [post(product, body), post(product, body)] == [(200, {"applied": True, "version": 5})] * 2
    assert (post(product, body | {"version": 6})[0], product.received, product.repeated) == (422, 1, 2)


def test_without_the_secret_nothing_is_said_and_with_trouble_nothing_is_taken() -> None:
    product = Product([SECRET])
    body = {"customer_key": "hh_1", "version": 5}
    assert post(product, body, secret="another") == (403, {"error": "forbidden"})
    product.fail(503, calls=2)
    assert [post(product, body)[0] for _call in range(3)] == [503, 503, 200]
    assert (post(product, {"version": 1}, key="k3")[0], post(product, body, key="")[0]) == (400, 400)
