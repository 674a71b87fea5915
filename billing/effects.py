"""What an event, a question or a person's act came to: recorded with every event, shown on every page that tells its story."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from opsportal import money


class EffectKind(TextChoices):
    GRANTED = "granted", _("plan granted")
    RESTORED = "restored", _("plan given back")
    ENDED = "ended", _("plan ended")
    RECORDED = "recorded", _("recorded")
    ALREADY = "already", _("already applied")
    NONE = "none", pgettext_lazy("effect", "none")


class EffectReason(TextChoices):
    """Why there was no effect on the plan, or what was recorded."""

    NOT_ACTED_ON = "not_acted_on", _("this type of event moves nothing here")
    NO_CHECKOUT = "no_checkout", _("no checkout of ours is known for it")
    NO_CUSTOMER = "no_customer", _("the checkout had no customer yet, so there was nobody to give the plan to")
    NO_PLAN = "no_plan", _("the checkout names no plan")
    AMOUNT_DIFFERS = "amount_differs", _("the amount is not the checkout's")
    CURRENCY_DIFFERS = "currency_differs", _("the currency is not the checkout's")
    PAYMENT_PENDING = "payment_pending", _("the payment is not decided yet")
    PAYMENT_REJECTED = "payment_rejected", _("the payment was rejected")
    PAYMENT_CANCELLED = "payment_cancelled", _("the payment was cancelled")
    CHECKOUT_EXPIRED = "checkout_expired", _("the checkout expired unpaid")
    CHECKOUT_OPEN = "checkout_open", _("the checkout is not paid yet")
    REFUNDED_IN_PART = "refunded_in_part", _("a part was refunded; the plan stays")
    DISPUTE_OPEN = "dispute_open", _("a dispute is open; the plan stays until it is decided")
    SUBSCRIPTION_CHANGED = "subscription_changed", _("the subscription's state was recorded")
    RENEWAL_UNPAID = "renewal_unpaid", _("a renewal was not paid; the plan runs out by itself")
    NO_LONGER_PAID = "no_longer_paid", _("the payment no longer stands")
    PAID_TWICE = "paid_twice", _("another payment has given the plan for the same checkout already")
    ENDED_BY_HAND = "ended_by_hand", _("a person ended this plan; it is not given back by itself")


@dataclass(frozen=True, slots=True)
class Effect:
    """`facts` are plain values for the sentence: plan, until (ISO 8601), amount, currency, payment."""

    kind: EffectKind
    reason: EffectReason | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    checkout_pk: int | None = None
    payment_pk: int | None = None

    @classmethod
    def kept(cls, kind: str, reason: str, facts: Mapping[str, Any]) -> "Effect":
        """As it stands in the columns of an event."""
        return cls(EffectKind(kind), EffectReason(reason) if reason else None, facts)


def in_words(effect: Effect) -> str:
    """A full sentence: “Plan Plus granted until 19 December 2026.”"""
    facts, why = effect.facts, str(effect.reason.label) if effect.reason else ""
    if effect.kind == EffectKind.NONE:
        return gettext("None: %(why)s.") % {"why": _why_not(effect, why)}
    if effect.kind == EffectKind.ENDED:
        return gettext("Plan %(plan)s ended: %(why)s.") % {"plan": facts.get("plan", ""), "why": _ended_because(facts, why)}
    if effect.kind == EffectKind.RECORDED:
        return gettext("Recorded: %(why)s.") % {"why": why} if why else gettext("Recorded.")
    if effect.kind == EffectKind.ALREADY and not facts.get("plan"):
        return gettext("Already applied: %(why)s.") % {"why": why} if why else gettext("Already applied.")
    return _plan_until(facts, *_plan_words()[effect.kind])


def _plan_words() -> dict[EffectKind, tuple[str, str]]:
    """With an end, and without one."""
    return {
        EffectKind.GRANTED: (gettext("Plan %(plan)s granted until %(until)s."), gettext("Plan %(plan)s granted, without an end.")),
        EffectKind.RESTORED: (gettext("Plan %(plan)s given back, until %(until)s."), gettext("Plan %(plan)s given back, without an end.")),
        EffectKind.ALREADY: (gettext("Already applied: plan %(plan)s until %(until)s."), gettext("Already applied: plan %(plan)s, without an end.")),
    }


def _plan_until(facts: Mapping[str, Any], with_end: str, without_end: str) -> str:
    until = facts.get("until")
    day = date_format(localtime(datetime.fromisoformat(until)), "DATE_FORMAT") if until else ""
    return (with_end if until else without_end) % {"plan": facts.get("plan", ""), "until": day}


def _ended_because(facts: Mapping[str, Any], why: str) -> str:
    words = {
        "refunded": gettext("the payment was refunded"),
        "charged_back": gettext("the payment was charged back"),
        "not_paid": gettext("there is no payment that stands"),
    }
    return words.get(facts.get("because", ""), why)


def _why_not(effect: Effect, why: str) -> str:
    facts = effect.facts
    if effect.reason not in (EffectReason.AMOUNT_DIFFERS, EffectReason.CURRENCY_DIFFERS) or "due" not in facts:
        return why
    came, due = money.in_words(facts["amount"], facts["currency"]), money.in_words(facts["due"], facts["due_currency"])
    return gettext("%(came)s came, %(due)s was due") % {"came": came, "due": due}
