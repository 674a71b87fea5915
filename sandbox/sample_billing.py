"""Sample billing: what the portal knows of sixty checkouts, as if it had been there while the story was told.

The stand-in providers tell the same story (sandbox/story.py), so a live question agrees, except where the desk is to find something.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from billing.models import Callback, Checkout, Dispute, Finding, Grant, Payment, Plan, Refund, Subscription, Watermark
from billing.states import DisputeState, PaymentState, ProviderName
from billing.sweeping.mismatches import look_at_everything
from notify.models import Attempt, Message, State
from sandbox import sample_webhooks, story
from sandbox.providers.books import BookedCheckout, BookedPayment
from sandbox.providers.world import World
from sandbox.story import Told

PLANS = (("plus", "Plus", 30, 1), ("pro", "Pro", 30, 2), ("family", "Family, a year", 365, 3))
HEARD = timedelta(seconds=2)
# The product's own words for it; and how often it was tried.
AWAY, TRIES = "503 upstream request timeout", 8


@dataclass
class Rows:
    """What is written, in the order in which rows need each other."""

    checkouts: list[Checkout] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)

    def create(self) -> None:
        Checkout.objects.bulk_create(self.checkouts)
        Payment.objects.bulk_create(self.payments)
        Refund.objects.bulk_create(self.refunds)
        Dispute.objects.bulk_create(self.disputes)
        Subscription.objects.bulk_create(self.subscriptions)
        Grant.objects.bulk_create(self.grants)


def load(loaded_at: datetime) -> None:
    """`loaded_at`: the moment that the stand-ins count back from, too."""
    # The address only makes them write their webhooks; none is sent.
    world = World.new(portal="http://portal.example", seed=story.SEED)
    loaded_at = loaded_at.replace(microsecond=0)
    told = story.tell(world, loaded_at)
    plans = _plans(loaded_at - timedelta(days=6))
    rows = Rows()
    for one in told:
        _write(rows, world, one, plans, loaded_at)
    _stack(rows.grants)
    rows.create()
    _tell_product(told, rows, loaded_at)
    sample_webhooks.load(
        told, {row.checkout_id: row for row in rows.checkouts}, {row.payment_id: row for row in rows.payments}, rows.grants, loaded_at
    )
    Watermark.objects.bulk_create([Watermark(provider=name, read_until=loaded_at, tried_at=loaded_at) for name in ProviderName.values])
    look_at_everything()
    for finding in Finding.objects.filter(closed_at=None):
        Finding.objects.filter(pk=finding.pk).update(found_at=min(finding.since + timedelta(minutes=12), loaded_at))


def _plans(at: datetime) -> dict[str, Plan]:
    made = [
        Plan(key=key, name=name, amount=story.PRICES[key], currency="BRL", days=days, rank=rank, created_at=at) for key, name, days, rank in PLANS
    ]
    return {plan.key: plan for plan in Plan.objects.bulk_create(made)}


def _write(rows: Rows, world: World, told: Told, plans: dict[str, Plan], loaded_at: datetime) -> None:
    tale, book = told.tale, _book(world, told)
    session = world.stripe.objects.get(told.checkout, {})
    paid = [payment for payment in book.payments.values() if payment.state == "approved"]
    checkout = Checkout(
        checkout_id=tale.reference, provider=tale.provider, session_id=told.checkout, provider_customer_id=session.get("customer") or "",
        customer_key=tale.customer_key, email=tale.email, plan=plans[tale.plan], amount=book.amount, currency=book.currency,
        state=book.state, created_at=told.begun_at, expires_at=told.begun_at + timedelta(days=1), linked_at=told.begun_at,
        paid_at=paid[0].at if paid else None, updated_at=told.acts[-1][0] + HEARD, asked_at=told.acts[-1][0] + HEARD,
        ask_at=loaded_at + timedelta(minutes=10) if book.state in ("open", "pending") else None,
    )  # fmt: skip
    if tale.twist == "linked_late":
        checkout.linked_at = checkout.updated_at = paid[0].at + timedelta(seconds=25)
    rows.checkouts.append(checkout)
    for payment in book.payments.values():
        _write_payment(rows, world, told, payment, checkout)
    if book.subscription:
        found = world.stripe.objects[book.subscription]
        until = paid[0].period[1] if paid and paid[0].period else None
        rows.subscriptions.append(
            Subscription(
                provider=tale.provider, subscription_id=found["id"], checkout=checkout, status=found["status"], current_period_end=until,
                asked_at=checkout.updated_at,
            )
        )  # fmt: skip


def _write_payment(rows: Rows, world: World, told: Told, booked: BookedPayment, checkout: Checkout) -> None:
    tale, book, is_whole = told.tale, _book(world, told), booked.refunded >= booked.amount
    status, detail = _words(world, tale.provider, booked.id)
    invoice = next(
        (row for row in world.stripe.objects.values() if row["object"] == "invoice_payment" and row["payment"]["payment_intent"] == booked.id), {}
    )
    row = Payment(
        provider=tale.provider, payment_id=booked.id, checkout=checkout, reference=tale.reference, invoice_id=invoice.get("invoice", ""),
        subscription_id=book.subscription, email=tale.email, amount=booked.amount, refunded=booked.refunded, currency=booked.currency,
        base=booked.state, state=PaymentState.REFUNDED if is_whole and booked.refunds else booked.state, status=status, detail=detail,
        period_start=booked.period[0] if booked.period else None, period_end=booked.period[1] if booked.period else None,
        created_at=_begun(told, booked), paid_at=booked.at if booked.state == "approved" else None, confirmed_at=told.acts[-1][0] + HEARD,
        updated_at=told.acts[-1][0] + HEARD,
    )  # fmt: skip
    rows.payments.append(row)
    at = told.acts[-1][0]
    for id, (amount, state) in booked.refunds.items():
        rows.refunds.append(Refund(payment=row, refund_id=id, amount=amount, currency=booked.currency, state=state, at=at))
    if booked.dispute:
        dispute = next(one for one in world.stripe.objects.values() if one["object"] == "dispute" and one["payment_intent"] == booked.id)
        rows.disputes.append(
            Dispute(
                payment=row, dispute_id=dispute["id"], amount=dispute["amount"], currency=booked.currency, state=DisputeState.OPEN,
                reason=dispute["reason"], at=at,
            )
        )  # fmt: skip
    if booked.state == "approved" and booked.amount == book.amount and tale.twist != "linked_late":
        rows.grants.append(_grant(row, checkout, booked, ended_at=at if is_whole and booked.refunds and tale.twist != "plan_stayed" else None))


def _book(world: World, told: Told) -> BookedCheckout:
    provider = world.stripe if told.tale.provider == "stripe" else world.mercadopago
    return provider.books.checkouts[told.checkout]


def _grant(row: Payment, checkout: Checkout, booked: BookedPayment, *, ended_at: datetime | None) -> Grant:
    plan = checkout.plan
    assert plan is not None
    begins, until = booked.period or (booked.at, booked.at + timedelta(days=plan.days))
    return Grant(
        customer_key=checkout.customer_key, plan=plan, checkout=checkout, payment=row, starts_at=begins, until=until, granted_at=booked.at + HEARD,
        granted_by="webhooks", ended_at=ended_at, ended_because=Grant.Ended.REFUNDED if ended_at else "",
    )  # fmt: skip


def _stack(grants: list[Grant]) -> None:
    """Who buys a plan again before it has run out gets the time behind it."""
    until: dict[tuple[str, str], datetime] = {}
    for grant in sorted(grants, key=lambda one: one.starts_at):
        if grant.ended_at or grant.until is None:
            continue
        key = grant.customer_key, grant.plan.key
        begins = max(grant.starts_at, until.get(key, grant.starts_at))
        grant.starts_at, grant.until = begins, begins + (grant.until - grant.starts_at)
        until[key] = grant.until


def _words(world: World, provider: str, payment: str) -> tuple[str, str]:
    """The provider's own, as it says them now."""
    if provider == "mercadopago":
        found = world.mercadopago.payments[payment]
        return found["status"], found["status_detail"]
    intent = world.stripe.objects[payment]
    error = {} if intent["status"] == "succeeded" else intent["last_payment_error"] or {}
    return intent["status"], error.get("code") or intent["cancellation_reason"] or ""


def _begun(told: Told, booked: BookedPayment) -> datetime:
    first = {"second_try": "pay" if told.tale.provider == "mercadopago" and booked.state == "approved" else "fail"}.get(told.tale.ends, "")
    return next(at for at, verb, _letters in told.acts if verb != "start_checkout" and first in ("", verb))


def _tell_product(told: list[Told], rows: Rows, loaded_at: datetime) -> None:
    """One callback for each plan that was given or taken. All but one are confirmed."""
    made = []
    given = {grant.checkout_id: grant for grant in rows.grants}
    silent = {one.tale.reference for one in told if one.tale.twist == "not_confirmed"}
    for checkout in sorted(rows.checkouts, key=lambda one: one.updated_at):
        grant = given.get(checkout.pk)
        if grant is None:
            continue
        is_confirmed = checkout.checkout_id not in silent
        at = grant.ended_at or grant.granted_at
        plan = None if grant.ended_at else grant.plan.key
        payload = {
            "customer_key": grant.customer_key, "plan": plan, "valid_until": grant.until.isoformat() if plan and grant.until else None, "version": 0,
            "checkout_id": checkout.checkout_id, "because": "granted" if plan else "ended",
        }  # fmt: skip
        made.append(
            Callback(
                customer_key=grant.customer_key, checkout=checkout, key=Callback.new_key(), payload=payload, created_at=at,
                confirmed_at=at + timedelta(seconds=1) if is_confirmed else None, answer='{"applied": true}' if is_confirmed else AWAY,
            )
        )  # fmt: skip
    for callback in Callback.objects.bulk_create(made):
        callback.payload["version"] = callback.version
        if callback.confirmed_at is None:
            callback.message_id = _unsent(callback, loaded_at).pk
    Callback.objects.bulk_update(made, ["payload", "message_id"])


def _unsent(callback: Callback, loaded_at: datetime) -> Message:
    """Tried until it was given up."""
    began = callback.created_at
    message = Message.objects.create(
        created_at=began, key=callback.key, channel="product", address="product", topic="billing.plan", subject=callback.customer_key,
        body=json.dumps(callback.payload), state=State.DEAD, attempts=TRIES, allowed=TRIES, next_at=began, told_at=began,
        finished_at=loaded_at - timedelta(minutes=3), error="The product answered 503.",
    )  # fmt: skip
    step = (loaded_at - timedelta(minutes=3) - began) / TRIES
    Attempt.objects.bulk_create(
        Attempt(message=message, number=number + 1, began_at=began + step * number, ended_at=began + step * number + timedelta(seconds=9), milliseconds=9012,
                ok=False, status=503, error="The product answered 503.", answer="upstream request timeout")
        for number in range(TRIES)
    )  # fmt: skip
    return message
