"""What a stand-in Stripe keeps: its objects by id and by what they belong to, and its events."""

import json
from datetime import timedelta
from typing import Any

from sandbox.providers import stripe_objects as make
from sandbox.providers.sending import Letter
from sandbox.providers.signing import stripe_signature
from sandbox.providers.stand_in import NotPossible, StandIn
from sandbox.providers.stripe_objects import Object

# What the webhook endpoint of the account is subscribed to; the list of events has all of them.
DELIVERED = frozenset({
    "checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
    "payment_intent.succeeded", "payment_intent.payment_failed", "charge.refunded", "charge.refund.updated", "refund.failed", "refund.updated",
    "charge.dispute.created", "charge.dispute.closed", "invoice.paid", "invoice.payment_failed", "customer.subscription.created",
    "customer.subscription.updated", "customer.subscription.deleted",
})  # fmt: skip
# By which fields of an object lists are asked for.
BELONGS = {
    "checkout.session": ("payment_intent", "subscription"), "charge": ("payment_intent",), "refund": ("payment_intent", "charge"),
    "dispute": ("payment_intent", "charge"), "invoice": ("subscription",), "invoice_payment": ("invoice", "payment_intent"),
}  # fmt: skip
INTERVALS = {"month": timedelta(days=30), "year": timedelta(days=365)}


class StripeState(StandIn):
    name = "stripe"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.objects: dict[str, Object] = {}
        self.by_kind: dict[str, list[str]] = {}
        self.belonging: dict[tuple[str, str, str], list[str]] = {}
        self.events: list[Object] = []
        self.place_of_event: dict[str, int] = {}
        self.account = make.account(self.ids.text("acct_", 16), make.stamp(self.now()))
        self.delivered = DELIVERED

    def get(self, id: str, kind: str) -> Object:
        """Raises NotPossible."""
        found = self.objects.get(id)
        if found is None or found["object"] != kind:
            raise NotPossible(f"No such {kind}: '{id}'")
        return found

    def _keep(self, one: Object) -> Object:
        self.objects[one["id"]] = one
        self.by_kind.setdefault(one["object"], []).append(one["id"])
        return self._index(one)

    def _index(self, one: Object) -> Object:
        """Again after one of its links was set."""
        for field in BELONGS.get(one["object"], ()):
            owner = link(one, field)
            ids = self.belonging.setdefault((one["object"], field, owner), []) if owner else []
            if one["id"] not in ids:
                ids.append(one["id"])
        return one

    def _owned(self, kind: str, field: str, owner: str) -> list[Object]:
        return [self.objects[id] for id in self.belonging.get((kind, field, owner), [])]

    def _session_of(self, intent_id: str) -> Object:
        """The checkout to which a payment belongs, also one of a renewed subscription."""
        return self.objects[self.books.checkout_of(intent_id).id]

    def _happened(self, type: str, of: Object, previous: Object | None = None) -> None:
        """The event with its object as it is now, listed and on its way."""
        event = make.event(self.ids.text("evt_1", 23), self.now(), type, json.loads(json.dumps(of)), previous)
        self.place_of_event[event["id"]] = len(self.events)
        self.events.append(event)
        if type in self.delivered:
            body = json.dumps(event, indent=2).encode()
            self.sender.put(Letter(event["id"], type, self.webhook_url, body, lambda forged: self._signed(body, forged)))

    def _signed(self, body: bytes, is_forged: bool) -> dict[str, str]:
        secrets = ["whsec_somebody_else"] if is_forged else self.secrets
        return {"Stripe-Signature": stripe_signature(body, secrets, self.signs_at()), "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"}


def link(one: Object, field: str) -> str:
    """The id of what an object belongs to. Two of Stripe's kinds keep it deeper inside."""
    if one["object"] == "invoice" and field == "subscription":
        return str(one["parent"]["subscription_details"]["subscription"])
    if one["object"] == "invoice_payment" and field == "payment_intent":
        return str(one["payment"]["payment_intent"])
    return one.get(field) or ""
