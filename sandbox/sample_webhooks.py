"""The sample's webhooks: as they came, how they were answered and what they came to; some that were refused, and one that nobody can place."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from billing.effects import EffectKind, EffectReason
from billing.models import Checkout, Grant, Payment, SignatureCount, SignatureFailure, WebhookEvent
from billing.states import EventState
from sandbox.providers.sending import Letter
from sandbox.shops.chance import among
from sandbox.story import Told

Effect = tuple[str, str]
RECORDED, NONE, ALREADY = str(EffectKind.RECORDED), str(EffectKind.NONE), (str(EffectKind.ALREADY), "")
GIVEN, ENDED = (str(EffectKind.GRANTED), ""), (str(EffectKind.ENDED), str(EffectReason.NO_LONGER_PAID))
# What comes of each of the provider's verbs.
CAME_TO: dict[str, Effect] = {
    "pay": GIVEN, "end_payment": GIVEN, "refund": ENDED, "begin_payment": (RECORDED, str(EffectReason.PAYMENT_PENDING)),
    "fail": (RECORDED, str(EffectReason.PAYMENT_REJECTED)), "expire": (RECORDED, str(EffectReason.CHECKOUT_EXPIRED)),
    "dispute": (RECORDED, str(EffectReason.DISPUTE_OPEN)),
}  # fmt: skip
REFUSED = (("stripe", "mismatch", 3), ("mercadopago", "mismatch", 9), ("stripe", "too_old", 14), ("stripe", "mismatch", 19))
STRANGE = "58113904471"


def load(told: list[Told], checkouts: dict[str, Checkout], payments: dict[str, Payment], grants: list[Grant], loaded_at: datetime) -> None:
    given = {grant.payment_id: grant for grant in grants}
    rows = []
    for one in told:
        payment = payments.get(one.payment)
        about: dict[str, Any] = {"checkout": checkouts[one.tale.reference], "payment": payment, "grant": given.get(payment.pk) if payment else None}
        for at, verb, letters in one.acts:
            rows += [_event(letter, at, effect, **about) for letter, effect in _effects(one, verb, letters)]
    rows.append(_strange(loaded_at))
    WebhookEvent.objects.bulk_create(sorted(rows, key=lambda row: row.received_at))
    _refused(loaded_at)


def _effects(told: Told, verb: str, letters: list[Letter]) -> Iterator[tuple[Letter, Effect]]:
    """What happened is written with the first webhook that said so; the others found it done."""
    effect = _came_to(told, verb)
    for letter in letters:
        if letter.event_type.startswith("customer.subscription."):
            yield letter, (RECORDED, str(EffectReason.SUBSCRIPTION_CHANGED))
        elif effect and not (told.tale.twist == "linked_late" and letter.event_type != "checkout.session.completed"):
            yield letter, effect
            effect = effect if effect[0] == NONE else ALREADY


def _came_to(told: Told, verb: str) -> Effect | None:
    if verb == "pay" and told.tale.twist == "linked_late":
        return NONE, str(EffectReason.NO_CUSTOMER)
    if verb == "pay" and told.tale.ends == "smaller":
        return NONE, str(EffectReason.AMOUNT_DIFFERS)
    if verb == "refund" and told.tale.ends == "part_refunded":
        return RECORDED, str(EffectReason.REFUNDED_IN_PART)
    if verb == "refund" and told.tale.twist == "plan_stayed":
        return RECORDED, str(EffectReason.NO_LONGER_PAID)
    return CAME_TO.get(verb)


def _event(letter: Letter, at: datetime, effect: Effect, *, checkout: Checkout, payment: Payment | None, grant: Grant | None) -> WebhookEvent:
    body, is_stripe = json.loads(letter.body), "Stripe-Signature" in (headers := letter.sign(False))
    received = at + timedelta(milliseconds=700 + among(1500, "way", letter.event_id))
    kept = {name.lower(): value for name, value in headers.items()} | {"content-type": "application/json"}
    facts = _facts(effect, payment, grant, checkout)
    return WebhookEvent(
        provider="stripe" if is_stripe else "mercadopago", event_id=letter.event_id, event_type=letter.event_type,
        object_id=body["data"]["object"]["id"] if is_stripe else body["data"]["id"], provider_created_at=at, received_at=received, body=letter.body,
        headers=kept, query=urlsplit(letter.url).query, live_mode=body.get("livemode", body.get("live_mode")), signed_by="current",
        answer_ms=31 + among(70, "answer", letter.event_id), state=EventState.DONE, attempts=1, next_at=None, processed_at=received + timedelta(milliseconds=400 + among(2200, "work", letter.event_id)),
        effect=effect[0], effect_reason=effect[1], effect_facts=facts, checkout=checkout, payment=payment,
    )  # fmt: skip


def _facts(effect: Effect, payment: Payment | None, grant: Grant | None, checkout: Checkout) -> dict[str, Any]:
    if payment is None:
        return {}
    facts: dict[str, Any] = {"payment": payment.payment_id, "amount": payment.amount, "currency": payment.currency}
    if grant and effect[0] != RECORDED:
        facts |= {"plan": grant.plan.name, "plan_key": grant.plan.key, "until": grant.until.isoformat() if grant.until else None}
    if effect == ENDED:
        facts["because"] = str(Grant.Ended.REFUNDED)
    if effect[1] == EffectReason.AMOUNT_DIFFERS:
        facts |= {"due": checkout.amount, "due_currency": checkout.currency}
    return facts


def _strange(loaded_at: datetime) -> WebhookEvent:
    """About a payment that this account knows nothing of: signed, kept, asked for four times."""
    at = loaded_at - timedelta(hours=5, minutes=13)
    body = {
        "action": "payment.updated", "api_version": "v1", "data": {"id": STRANGE}, "date_created": at.isoformat(timespec="milliseconds"), "id": 118040229913,
        "live_mode": True, "type": "payment", "user_id": "771002938",
    }  # fmt: skip
    return WebhookEvent(
        provider="mercadopago", event_id=str(body["id"]), event_type="payment.updated", object_id=STRANGE, provider_created_at=at,
        received_at=at + timedelta(seconds=1), body=json.dumps(body).encode(), headers={"content-type": "application/json"},
        query=f"data.id={STRANGE}&type=payment", live_mode=True, signed_by="current", answer_ms=44, state=EventState.PERSON, attempts=4, next_at=None,
        error_code="not_found", error="Mercado Pago knows no such thing, or not for this account.",
    )  # fmt: skip


def _refused(loaded_at: datetime) -> None:
    for provider, reason, hours in REFUSED:
        at = loaded_at - timedelta(hours=hours, minutes=among(50, "refused", hours))
        body = b'{"id": "evt_1SbxNobodyKnowsWho", "object": "event", "type": "checkout.session.completed"}'
        headers = {"content-type": "application/json", "user-agent": "curl/8.5.0"}
        SignatureFailure.objects.create(provider=provider, at=at, reason=reason, ip="203.0.113.77", headers=headers, query="", body=body)
        hour = at.replace(minute=0, second=0, microsecond=0)
        SignatureCount.objects.create(provider=provider, hour=hour, reason=reason, times=1, last_at=at)
