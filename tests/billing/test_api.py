"""Checkouts and plans as the product calls for them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.actions import create_api_client
from audit.actors import Actor
from audit.models import AuditLog
from billing.models import Checkout, Grant
from opsportal import clock
from tests.billing.factories import make_checkout, make_grant, make_payment, make_plan

pytestmark = pytest.mark.django_db
NEW = {
    "checkout_id": "chk_1",
    "provider": "stripe",
    "amount": 2990,
    "currency": "BRL",
    "plan": "plus",
    "customer_key": "hh-1",
    "email": "a@example.com",
}


class Api:
    def __init__(self, *scopes: str) -> None:
        self.key = create_api_client(actor=Actor.cli(), name=f"product {scopes}", scopes=list(scopes)).raw

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = "" if body is None else json.dumps(body)
        known = {"Authorization": f"Bearer {self.key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return Client().generic(method, f"/api/billing{path}", content, "application/json", headers=known)


@pytest.fixture
def api() -> Api:
    return Api("billing")


def refusal(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def acts() -> list[str]:
    return list(AuditLog.objects.exclude(action_type="CREATE_API_CLIENT").order_by("id").values_list("action_type", flat=True))


def test_checkout_is_recorded_once(api: Api) -> None:
    make_plan(key="plus")
    answer = api("POST", "/checkouts", NEW)
    made = Checkout.objects.get()
    assert (answer.status_code, answer.json()) == (201, {
        "checkout_id": "chk_1", "provider": "stripe", "session_id": "", "customer_key": "hh-1", "email": "a@example.com", "plan": "plus", "amount": 2990,
        "currency": "BRL", "state": "open", "created_at": answer.json()["created_at"], "expires_at": None, "linked_at": answer.json()["linked_at"],
        "paid_at": None,
    })  # fmt: skip
    again = api("POST", "/checkouts", NEW)
    assert (again.status_code, again.json(), acts(), made.client_id is not None) == (200, answer.json(), ["RECORD_CHECKOUT"], True)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"amount": 2991}, (409, "checkout_mismatch")),
        ({"checkout_id": "chk_2", "plan": "gold"}, (404, "plan_unknown")),
        ({"checkout_id": "chk_2", "session_id": "cs_9"}, (409, "session_taken")),
        ({"checkout_id": "chk 2"}, (422, "invalid")),
        ({"checkout_id": "chk_2", "currency": "XXZ"}, (422, "invalid")),
        ({"checkout_id": "chk_2", "amount": "2990"}, (422, "invalid")),
        ({"checkout_id": "chk_2", "provider": "paypal"}, (422, "invalid")),
        ({"checkout_id": "chk_2", "price": 1}, (422, "invalid")),
    ],
)
def test_checkout_that_can_not_be_recorded_says_why(api: Api, said: dict[str, Any], wanted: tuple[int, str]) -> None:
    make_plan(key="plus")
    make_checkout(session_id="cs_9")
    api("POST", "/checkouts", NEW)
    assert refusal(api("POST", "/checkouts", NEW | said)) == wanted
    assert (Checkout.objects.count(), acts()) == (2, ["RECORD_CHECKOUT"])


def test_checkout_that_is_recorded_after_its_money_came_is_settled(api: Api) -> None:
    make_plan(key="plus")
    make_payment(reference="chk_1")
    answer = api("POST", "/checkouts", NEW)
    assert (answer.status_code, answer.json()["state"], Grant.objects.get().customer_key, acts()) == (201, "paid", "hh-1", ["RECORD_CHECKOUT"])
    assert AuditLog.objects.latest("id").changes["plan plus state"] == [None, "granted"]


def test_checkout_gets_its_customer_and_the_plan_that_waited(api: Api) -> None:
    made = make_checkout(customer_key="", email="", linked_at=None)
    make_payment(made)
    path = f"/checkouts/{made.checkout_id}"
    answer = api("PATCH", path, {"customer_key": "hh-7", "email": "b@example.com"})
    assert (answer.status_code, answer.json()["customer_key"], answer.json()["email"]) == (200, "hh-7", "b@example.com")
    assert (Grant.objects.get().customer_key, acts()) == ("hh-7", ["LINK_CHECKOUT"])
    assert api("PATCH", path, {"customer_key": "hh-7"}).status_code == 200
    assert refusal(api("PATCH", path, {"customer_key": "hh-8"})) == (409, "customer_differs")
    assert refusal(api("PATCH", path, {"session_id": "cs_x"})) == (409, "session_differs")
    assert refusal(api("PATCH", "/checkouts/chk_x", {"customer_key": "hh-7"})) == (404, "checkout_unknown")
    assert acts() == ["LINK_CHECKOUT"]


def test_checkout_is_told_as_it_stands(api: Api) -> None:
    made = make_checkout(state="paid", plan=make_plan(key="plus"))
    answer = api("GET", f"/checkouts/{made.checkout_id}")
    assert (answer.status_code, answer.json()["state"], answer.json()["plan"]) == (200, "paid", "plus")
    assert api("GET", f"/checkouts/{made.checkout_id}", If_None_Match=answer["ETag"]).status_code == 304
    assert refusal(api("GET", "/checkouts/chk_x")) == (404, "checkout_unknown")


def test_customer_has_the_plan_of_the_highest_rank_until_there_is_a_gap(api: Api) -> None:
    now, low, high = clock.now(), make_plan(key="plus", rank=1), make_plan(key="pro", rank=2)
    make_grant(customer_key="hh-1", plan=low, until=now + timedelta(days=90))
    make_grant(customer_key="hh-1", plan=high, until=now + timedelta(days=10))
    make_grant(customer_key="hh-1", plan=high, starts_at=now + timedelta(days=10), until=now + timedelta(days=20))
    make_grant(customer_key="hh-1", plan=high, starts_at=now + timedelta(days=21), until=now + timedelta(days=30))
    make_grant(customer_key="hh-2", plan=high, until=now - timedelta(hours=2), starts_at=now - timedelta(days=9))
    answer = api("GET", "/customers/hh-1/plan")
    assert (answer.json()["plan"], answer.json()["version"], answer.json()["granted_at"] is not None) == ("pro", 0, True)
    # The first grant's end and the second one's beginning are two moments of the test's making.
    assert answer.json()["valid_until"][:16] == (now + timedelta(days=20)).isoformat()[:16]
    assert api("GET", "/customers/hh-1/plan", If_None_Match=answer["ETag"]).status_code == 304
    for nobody in ("hh-2", "hh-3"):
        assert api("GET", f"/customers/{nobody}/plan").json() == {"plan": None, "valid_until": None, "version": 0, "granted_at": None}


def test_plans_on_offer_are_listed(api: Api) -> None:
    make_plan(key="pro", name="Pro", rank=2, amount=4990)
    make_plan(key="plus", name="Plus", rank=1)
    make_plan(key="old", is_offered=False)
    answer = api("GET", "/plans")
    assert answer.json() == {"plans": [
        {"key": "plus", "name": "Plus", "amount": 2990, "currency": "BRL", "days": 30, "rank": 1},
        {"key": "pro", "name": "Pro", "amount": 4990, "currency": "BRL", "days": 30, "rank": 2},
    ]}  # fmt: skip
    assert api("GET", "/plans", If_None_Match=answer["ETag"]).status_code == 304


@pytest.mark.parametrize(("method", "path"), [("POST", "/checkouts"), ("PATCH", "/checkouts/x"), ("GET", "/checkouts/x"), ("GET", "/customers/x/plan"), ("GET", "/plans")])  # fmt: skip
def test_other_clients_may_not(db: None, method: str, path: str) -> None:
    assert refusal(Api("signups", "catalog")(method, path, {})) == (403, "missing_scope")
