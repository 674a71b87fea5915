"""Plain make_x() functions of billing: valid things with as little said as possible."""

from datetime import timedelta
from itertools import count
from typing import Any

from billing.models import Checkout, Finding, Grant, Payment, Plan, WebhookEvent
from opsportal import clock

_numbers = count(1)


def make_plan(**fields: Any) -> Plan:
    number = next(_numbers)
    return Plan.objects.create(**{"key": f"plan-{number}", "name": f"Plan {number}", "amount": 2990, "currency": "BRL"} | fields)


def make_checkout(**fields: Any) -> Checkout:
    """Open, at Stripe, of a known customer, for a plan of R$ 29,90."""
    number, now = next(_numbers), clock.now()
    if "plan" not in fields:
        fields["plan"] = make_plan()
    known = {
        "checkout_id": f"chk_{number}", "provider": "stripe", "session_id": f"cs_{number}", "customer_key": f"hh-{number}", "amount": 2990,
        "currency": "BRL", "email": f"hh{number}@example.com", "created_at": now - timedelta(hours=2), "linked_at": now - timedelta(hours=2),
    }  # fmt: skip
    if fields.get("state") == "paid":
        known["paid_at"] = now - timedelta(hours=1)
    made = Checkout.objects.create(**known | fields)
    made.refresh_from_db()
    return made


def make_payment(checkout: Checkout | None = None, **fields: Any) -> Payment:
    """Approved, of the checkout's amount."""
    number, now = next(_numbers), clock.now()
    known = {
        "provider": checkout.provider if checkout else "stripe", "payment_id": f"pi_{number}", "checkout": checkout,
        "reference": checkout.checkout_id if checkout else "", "amount": checkout.amount if checkout else 2990,
        "currency": checkout.currency if checkout else "BRL", "base": "approved", "state": "approved", "status": "succeeded",
        "created_at": now - timedelta(hours=1), "paid_at": now - timedelta(hours=1), "confirmed_at": now - timedelta(hours=1),
    }  # fmt: skip
    return Payment.objects.create(**known | fields)


def make_grant(payment: Payment | None = None, **fields: Any) -> Grant:
    """Of the payment's checkout and plan, for 30 days."""
    checkout, now = payment.checkout if payment else None, clock.now()
    known: dict[str, Any] = {"payment": payment, "checkout": checkout, "starts_at": now - timedelta(hours=1), "until": now + timedelta(days=30)}
    if checkout:
        known |= {"customer_key": checkout.customer_key, "plan": checkout.plan}
    else:
        known |= {"customer_key": f"hh-{next(_numbers)}"}
        if "plan" not in fields:
            fields["plan"] = make_plan()
    return Grant.objects.create(**known | fields)


def make_event(**fields: Any) -> WebhookEvent:
    number = next(_numbers)
    known = {
        "provider": "stripe", "event_id": f"evt_{number}", "event_type": "payment_intent.succeeded", "object_id": f"pi_{number}",
        "body": b"{}", "signed_by": "current",
    }  # fmt: skip
    return WebhookEvent.objects.create(**known | fields)


def make_finding(checkout: Checkout | None = None, **fields: Any) -> Finding:
    checkout = checkout or make_checkout()
    known = {
        "kind": "paid_without_plan", "subject": f"checkout:{checkout.pk}", "checkout": checkout, "amount": checkout.amount,
        "currency": checkout.currency, "since": clock.now() - timedelta(hours=1),
    }  # fmt: skip
    return Finding.objects.create(**known | fields)
