"""How the product is told of a customer's plan."""

import json
from datetime import timedelta
from typing import Any

import pytest

from audit.actors import Actor
from billing import actions
from billing.models import Callback
from notify.actions import deliver_message
from notify.models import Attempt, Message
from opsportal import clock
from opsportal.errors import Conflict, Invalid
from tests.billing.factories import make_checkout, make_grant, make_payment
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
SECRET = "a long secret of the product and the portal"
ACTOR = Actor.system("test")


@pytest.fixture
def product(outside: Receiver, settings: Any) -> Receiver:
    outside.requests.clear()
    outside.answers(200, body=b'{"ok": true}')
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = True
    settings.PRODUCT_BACKEND_URL, settings.APP_BACKEND_SECRET = outside.url, SECRET
    return outside


def resent() -> Callback:
    checkout = make_checkout(customer_key="hh-1", checkout_id="chk_1")
    make_grant(make_payment(checkout))
    return actions.resend_callback(actor=ACTOR, checkout_id="chk_1", reason="they never heard")


def test_product_is_told_the_customers_whole_state(product: Receiver) -> None:
    made = resent()
    assert deliver_message(message_id=str(made.message_id)) is True
    (request,) = product.requests
    assert (request.method, request.path) == ("POST", "/internal/plans")
    assert (request.headers["x-app-backend-secret"], request.headers["idempotency-key"]) == (SECRET, made.key)
    checkout = made.checkout
    assert checkout is not None
    assert checkout.plan is not None
    grant = checkout.grants.get()
    assert json.loads(request.body) == {
        "customer_key": "hh-1", "plan": checkout.plan.key, "valid_until": grant.until.isoformat() if grant.until else None,
        "version": made.version, "checkout_id": "chk_1", "because": "resent",
    }  # fmt: skip
    made.refresh_from_db()
    assert (made.confirmed_at is not None, made.answer) == (True, '{"ok": true}')


def test_address_is_the_one_of_the_delivery(product: Receiver, settings: Any) -> None:
    settings.PRODUCT_BACKEND_URL = "http://127.0.0.1:9"
    made = resent()
    settings.PRODUCT_BACKEND_URL = f"{product.url}/"
    assert (deliver_message(message_id=str(made.message_id)), product.requests[0].path) == (True, "/internal/plans")


@pytest.mark.parametrize(("status", "state"), [(500, "waiting"), (404, "waiting"), (429, "waiting"), (422, "dead"), (301, "dead")])
def test_refusal_is_tried_again_where_that_may_help(product: Receiver, status: int, state: str) -> None:
    product.answers(status, body=b"no")
    made = resent()
    assert deliver_message(message_id=str(made.message_id)) is False
    made.refresh_from_db()
    assert (Message.objects.get().state, made.confirmed_at, made.answer) == (state, None, f"{status} no")


def test_secret_stands_nowhere(product: Receiver) -> None:
    product.answers(200, body=f"you sent {SECRET}".encode())
    made = resent()
    deliver_message(message_id=str(made.message_id))
    made.refresh_from_db()
    kept = [
        *Message.objects.values_list("body", "address", "error"),
        *Attempt.objects.values_list("answer", "error"),
        (made.answer, str(made.payload)),
    ]
    assert (SECRET in str(kept), made.answer) == (False, "you sent …")


def test_without_an_address_it_is_written_down_and_nothing_is_sent(db: None, settings: Any) -> None:
    settings.PRODUCT_BACKEND_URL = ""
    made = resent()
    assert (made.message_id, made.payload["because"], Message.objects.count()) == (None, "resent", 0)


def test_address_that_is_gone_keeps_the_message_waiting(product: Receiver, settings: Any) -> None:
    made = resent()
    settings.PRODUCT_BACKEND_URL = ""
    assert deliver_message(message_id=str(made.message_id)) is False
    assert (Message.objects.get().state, product.requests) == ("waiting", [])


def test_versions_rise(product: Receiver) -> None:
    first = resent()
    second = actions.resend_callback(actor=ACTOR, checkout_id="chk_1", reason="again")
    assert second.version > first.version


def test_callback_of_nobody_is_refused(product: Receiver) -> None:
    checkout = make_checkout(customer_key="")
    with pytest.raises(Conflict, match="no customer yet"):
        actions.resend_callback(actor=ACTOR, checkout_id=checkout.checkout_id, reason="x")
    with pytest.raises(Invalid, match="Say why"):
        actions.resend_callback(actor=ACTOR, checkout_id=checkout.checkout_id, reason=" ")


def test_plan_that_a_person_gives_and_ends_is_told(product: Receiver) -> None:
    plan = make_checkout(customer_key="hh-1").plan
    assert plan is not None
    given = actions.grant_plan(actor=ACTOR, customer_key="hh-1", plan_key=plan.key, until=clock.now() + timedelta(days=5), reason="goodwill")
    actions.end_grant(actor=ACTOR, grant_id=given.pk, reason="by mistake")
    assert [(one.payload["because"], one.payload["plan"]) for one in Callback.objects.order_by("version")] == [
        ("granted_by_hand", plan.key), ("ended_by_hand", None),
    ]  # fmt: skip
