"""What it all came to, as one effect: the most that happened, and if nothing did, why. Pure."""

from collections.abc import Sequence
from typing import Any

from billing.effects import Effect, EffectKind, EffectReason
from billing.report import Report
from billing.settling.changing import FieldChange
from billing.settling.facts import CheckoutFacts, PaymentWrite
from billing.settling.granting import GrantAct, Verdict
from billing.settling.sides import Ours
from billing.states import CheckoutState

FIRST = [EffectKind.GRANTED, EffectKind.RESTORED, EffectKind.ENDED, EffectKind.NONE, EffectKind.RECORDED, EffectKind.ALREADY]


def conclude(
    ours: Ours, report: Report | None, *, writes: Sequence[PaymentWrite], verdicts: Sequence[Verdict], after: CheckoutFacts | None,
    changes: Sequence[FieldChange],
) -> Effect:  # fmt: skip
    """Of several payments the one to which most happened; of those the newest."""
    if ours.checkout is None:
        named = [one.facts for one in writes]
        return Effect(EffectKind.NONE, EffectReason.NO_CHECKOUT, _of_payment(named[-1]) if named else {})
    pk = ours.checkout.pk
    asked = {one.id for one in report.payments} if report else {one.payment.payment_id for one in verdicts}
    changed = {one.facts.payment_id for one in writes if one.is_changed}
    heard = [one for one in verdicts if one.change or one.payment.payment_id in asked]
    if not heard:
        return _without_payment(pk, after, changes)
    verdict = min(reversed(heard), key=lambda one: FIRST.index(_kind(one, changed)))
    kind = _kind(verdict, changed)
    if kind == EffectKind.ALREADY and changes:
        other = _without_payment(pk, after, changes)
        return Effect(other.kind, other.reason, facts_of(verdict, ours), pk)
    return Effect(kind, verdict.reason, facts_of(verdict, ours), pk)


def facts_of(verdict: Verdict, ours: Ours) -> dict[str, Any]:
    """Plain values for the sentence."""
    facts = _of_payment(verdict.payment)
    given = verdict.change or (verdict.grant if verdict.grant and not verdict.grant.ended_at else None)
    if given:
        facts |= {"plan": given.plan.name, "plan_key": given.plan.key, "until": given.until.isoformat() if given.until else None}
    if verdict.change and verdict.change.act == GrantAct.END:
        facts["because"] = str(verdict.change.because)
    if verdict.reason in (EffectReason.AMOUNT_DIFFERS, EffectReason.CURRENCY_DIFFERS) and ours.checkout:
        facts |= {"due": ours.checkout.amount, "due_currency": ours.checkout.currency}
    return facts


def _kind(verdict: Verdict, changed: set[str]) -> EffectKind:
    """What stands there already isn't recorded again; a change of a payment that keeps its plan is."""
    if verdict.kind == EffectKind.RECORDED and verdict.payment.payment_id not in changed:
        return EffectKind.ALREADY
    if verdict.kind == EffectKind.ALREADY and verdict.payment.payment_id in changed:
        return EffectKind.RECORDED
    return verdict.kind


def _of_payment(payment: Any) -> dict[str, Any]:
    return {"payment": payment.payment_id, "amount": payment.amount, "currency": payment.currency}


def _without_payment(pk: int, after: CheckoutFacts | None, changes: Sequence[FieldChange]) -> Effect:
    """What moved beside payments: the subscription, or the checkout itself."""
    where = {one.where for one in changes}
    kind = EffectKind.RECORDED if changes else EffectKind.ALREADY
    if "subscription" in where and "checkout" not in where:
        return Effect(kind, EffectReason.SUBSCRIPTION_CHANGED, {}, pk)
    if after and after.state == CheckoutState.EXPIRED:
        return Effect(kind, EffectReason.CHECKOUT_EXPIRED, {}, pk)
    return Effect(kind, EffectReason.CHECKOUT_OPEN if after and after.state != CheckoutState.PAID else None, {}, pk)
