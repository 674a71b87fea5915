"""settle(): what a provider says becomes what we have, in one transaction, with one audit row."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from django.db import transaction

from audit.actions import Changes, record
from audit.actors import Actor
from billing.effects import Effect
from billing.models import Checkout, Grant, Subscription
from billing.report import Report
from billing.settling.cause import Cause
from billing.settling.changing import for_audit
from billing.settling.decision import Decision, decide
from billing.settling.facts import SubscriptionFacts
from billing.settling.granting import GrantAct, GrantChange, Key
from billing.settling.payments import Raced, write_payments
from billing.settling.sides import Ours, read_ours
from billing.settling.telling import tell_product
from opsportal import clock

log = structlog.get_logger(__name__)

MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Settled:
    """What was decided and is written now, and from what."""

    effect: Effect
    ours: Ours
    decision: Decision


@transaction.atomic
def settle(*, actor: Actor, report: Report, cause: Cause) -> Effect:
    """Take over what a provider says; may be part of the caller's transaction. One audit row if anything changed, none if nothing did.

    The effect says what it came to, also where that is nothing.
    """
    settled = write(actor=actor, report=report)
    if settled.decision.changes:
        entity = _entity(settled)
        record(actor=actor, action_type=cause.action_type, **entity, reason=cause.reason, changes=_said(settled, cause))
        log.info("settled", **entity, cause=cause.kind.value, effect=settled.effect.kind.value, why=settled.effect.reason)
    return settled.effect


def write(*, actor: Actor, report: Report | None = None, checkout_pk: int | None = None) -> Settled:
    """The same without an audit row, for acts that write one of their own. Inside a transaction."""
    for _try in range(MOST_TRIES):
        ours = read_ours(checkout_pk=checkout_pk, report=report, lock=True)
        decision = decide(ours, report, clock.now())
        try:
            with transaction.atomic():
                keys = write_payments(decision.payments)
        except Raced:
            # Somebody else has just written one of them for the first time: now it is known.
            continue
        _write_checkout(ours, decision)
        _write_subscription(ours, decision.subscription)
        write_grants(actor, ours, decision.grants, keys)
        _tell(ours, decision.grants)
        payment_pk = next((pk for (_provider, name), pk in keys.items() if name == decision.effect.facts.get("payment")), None)
        return Settled(replace(decision.effect, payment_pk=payment_pk), ours, decision)
    raise Raced


def _write_checkout(ours: Ours, decision: Decision) -> None:
    checkout, after = ours.checkout, decision.checkout
    if checkout is None or after is None or after == checkout.facts:
        return
    changed = {name: getattr(after, name) for name in after.__slots__ if getattr(after, name) != getattr(checkout.facts, name)}
    Checkout.objects.filter(pk=checkout.pk).update(**changed, updated_at=clock.now())


def _write_subscription(ours: Ours, after: SubscriptionFacts | None) -> None:
    if after is None:
        return
    owner = ours.subscription_checkout_pk or (ours.checkout.pk if ours.checkout else None)
    if after == ours.subscription and owner == ours.subscription_checkout_pk:
        return
    values = {name: getattr(after, name) for name in ("status", "asked_at", "current_period_end", "cancel_at", "ended_at")}
    key = {"provider": after.provider, "subscription_id": after.subscription_id}
    Subscription.objects.bulk_create([Subscription(**key, **values, checkout_id=owner)], ignore_conflicts=True)
    # Two at once: the one that was asked later stays.
    Subscription.objects.filter(**key, asked_at__lte=after.asked_at).update(**values)
    if owner is not None:
        Subscription.objects.filter(**key, checkout=None).update(checkout=owner)


def write_grants(actor: Actor, ours: Ours | None, changes: Iterable[GrantChange], keys: dict[Key, int]) -> None:
    """Under the customer's lock. `ours` and `keys`, of the payments' rows, are needed where plans are given."""
    now = clock.now()
    for change in changes:
        rows = Grant.objects.filter(pk=change.grant.pk if change.grant else 0)
        match change.act:
            case GrantAct.CREATE:
                assert ours is not None
                assert ours.checkout is not None
                assert change.payment is not None
                Grant.objects.create(
                    customer_key=change.customer_key, plan_id=change.plan.pk, checkout_id=ours.checkout.pk, payment_id=keys[change.payment],
                    source=Grant.Source.PAYMENT, starts_at=change.starts_at, until=change.until, granted_by=actor.label[:200],
                )  # fmt: skip
            case GrantAct.END:
                rows.update(ended_at=now, ended_because=change.because)
            case GrantAct.RESTORE:
                rows.update(ended_at=None, ended_because="", starts_at=change.starts_at, until=change.until)
            case GrantAct.MOVE:
                rows.update(starts_at=change.starts_at, until=change.until)


def _tell(ours: Ours, changes: Iterable[GrantChange]) -> None:
    """Each customer whose plans changed, once; mostly that is the checkout's."""
    acts: dict[str, GrantAct] = {}
    for change in changes:
        acts.setdefault(change.customer_key, change.act)
    for customer_key, act in acts.items():
        because = {GrantAct.CREATE: "granted", GrantAct.RESTORE: "restored", GrantAct.END: "ended", GrantAct.MOVE: "moved"}[act]
        checkout = ours.checkout
        tell_product(
            customer_key=customer_key, because=because, checkout_pk=checkout.pk if checkout else None,
            checkout_id=checkout.checkout_id if checkout else "",
        )  # fmt: skip


def _entity(settled: Settled) -> dict[str, Any]:
    checkout = settled.ours.checkout
    if checkout:
        return {"entity_type": "checkout", "entity_id": checkout.checkout_id, "entity_label": checkout.checkout_id}
    named = settled.effect.facts.get("payment") or (settled.decision.subscription.subscription_id if settled.decision.subscription else "")
    return {"entity_type": "payment", "entity_id": named, "entity_label": named}


def _said(settled: Settled, cause: Cause) -> Changes:
    said: dict[str, tuple[Any, Any]] = for_audit(settled.decision.changes)
    return said | ({"webhook event": (None, cause.event_pk)} if cause.event_pk else {})
