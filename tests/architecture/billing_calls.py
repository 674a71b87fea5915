"""How to call each action of billing; a new one needs a line here."""

from collections.abc import Callable
from datetime import timedelta

from billing import actions as billing
from billing.reconciling import digest
from opsportal import clock
from tests.architecture.calling import Call, prepared
from tests.billing.factories import make_checkout, make_event, make_finding, make_grant, make_payment, make_plan
from tests.billing.reconciling.answers import answer, same_as, seen


def reconciled() -> Call:
    checkout = make_checkout(state="paid")
    asked = answer(checkout, same_as(make_payment(checkout)))
    values = {"checkout_id": checkout.checkout_id, "asked": asked, "digest": digest(seen(checkout, asked)), "reason": "paid and confirmed"}
    return prepared(billing.reconcile_checkout, **values)


def paid_by_nobody() -> Call:
    checkout = make_checkout(customer_key="")
    make_payment(checkout)
    return prepared(billing.link_checkout, checkout_id=checkout.checkout_id, customer_key="hh-1")


BILLING: dict[str, Callable[[], Call]] = {
    "billing.change_plan": lambda: prepared(
        billing.change_plan, plan_id=make_plan().pk, version=1, name="New", amount=100, currency="BRL", days=30, rank=1, is_offered=True
    ),
    "billing.create_plan": lambda: prepared(billing.create_plan, key="plus", name="Plus", amount=2990),
    "billing.end_grant": lambda: prepared(billing.end_grant, grant_id=make_grant().pk, reason="by mistake"),
    "billing.grant_plan": lambda: prepared(
        billing.grant_plan, customer_key="hh-1", plan_key=make_plan().key, until=clock.now() + timedelta(days=5), reason="goodwill"
    ),
    "billing.handle_checkout": lambda: prepared(billing.handle_checkout, checkout_id=make_checkout().checkout_id, reason="refunded by hand"),
    "billing.handle_event": lambda: prepared(billing.handle_event, event_id=make_event(state="person").pk, note="refunded by hand"),
    "billing.handle_finding": lambda: prepared(billing.handle_finding, finding_id=make_finding().pk, reason="refunded by hand"),
    "billing.link_checkout": paid_by_nobody,
    "billing.reconcile_checkout": reconciled,
    "billing.record_checkout": lambda: prepared(billing.record_checkout, checkout=billing.NewCheckout("chk_new", "stripe", 2990, "BRL")),
    "billing.replay_event": lambda: prepared(billing.replay_event, event_id=make_event(state="person").pk),
    "billing.replay_events": lambda: prepared(billing.replay_events, event_ids=[make_event(state="done").pk, make_event(state="person").pk]),
    "billing.resend_callback": lambda: prepared(billing.resend_callback, checkout_id=make_checkout().checkout_id, reason="never heard"),
}
