"""What an event, a question or a person's act came to: recorded with every event, shown on every page that tells its story."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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


@dataclass(frozen=True, slots=True)
class Effect:
    """`facts` are plain values for the sentence: plan, until (ISO 8601), amount, currency, payment."""

    kind: EffectKind
    reason: EffectReason | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    checkout_pk: int | None = None
    payment_pk: int | None = None
