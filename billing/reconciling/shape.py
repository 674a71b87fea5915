"""All sides of one checkout, read at one moment: ours, the provider's live answer, the plan, and what the product was told."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from billing.models import Callback, Checkout, Finding, Grant, Payment, Subscription, WebhookEvent
from billing.report import Report
from billing.settling.facts import PaymentFacts
from billing.settling.sides import Ours

NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the provider says. Without a `report`, `code` says why: not_asked, or CouldNotAsk's; `words` for a person."""

    at: datetime | None = None
    report: Report | None = None
    code: str = ""
    words: str = ""

    @property
    def was_asked(self) -> bool:
        return self.code != NOT_ASKED

    @property
    def could_not(self) -> bool:
        return self.report is None and self.was_asked


@dataclass(frozen=True, slots=True)
class PaymentSide:
    """A payment: its row, and what we know of it with its refunds and disputes."""

    row: Payment
    facts: PaymentFacts


class Told(TextChoices):
    """How far a callback to the product came. `not_sent`: no address of the product was set."""

    CONFIRMED = "confirmed", pgettext_lazy("callback", "confirmed")
    WAITING = "waiting", pgettext_lazy("callback", "on its way")
    DEAD = "dead", pgettext_lazy("callback", "given up")
    NOT_SENT = "not_sent", pgettext_lazy("callback", "not sent")


@dataclass(frozen=True, slots=True)
class CallbackSide:
    """What the product was told: `error` is the outbox's last one, `attempts` how often it tried."""

    row: Callback
    told: Told
    error: str = ""
    attempts: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`ours` is what settling decides from. `grants` are the customer's and the checkout's, newest first; `plan_now` is the one that counts at `at`. `findings` are open, `past_findings` closed.

    Events are in the order they came; `has_more_events`: there are older ones than these.
    """

    at: datetime
    checkout: Checkout
    ours: Ours
    asked: Asked = field(default_factory=lambda: Asked(code=NOT_ASKED))
    payments: tuple[PaymentSide, ...] = ()
    events: tuple[WebhookEvent, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    grants: tuple[Grant, ...] = ()
    plan_now: Grant | None = None
    callbacks: tuple[CallbackSide, ...] = ()
    findings: tuple[Finding, ...] = ()
    past_findings: tuple[Finding, ...] = ()
    has_more_events: bool = False

    @property
    def report(self) -> Report | None:
        return self.asked.report

    @property
    def latest_callback(self) -> CallbackSide | None:
        return self.callbacks[0] if self.callbacks else None


def plan_now(grants: Iterable[Grant], customer_key: str, now: datetime) -> Grant | None:
    """The grant that counts for the customer: of those that hold at `now`, the highest plan, then the longest."""
    holding = [one for one in grants if one.customer_key == customer_key and customer_key and holds(one, now)]
    return max(holding, key=lambda one: (one.plan.rank, one.until is None, one.until or now, one.pk), default=None)


def holds(grant: Grant, now: datetime) -> bool:
    return grant.ended_at is None and grant.starts_at <= now and (grant.until is None or grant.until > now)


class Part(TextChoices):
    """What a digest is made of, one short hash each: so that “moved” can say what did."""

    CHECKOUT = "checkout", pgettext_lazy("what moved", "our checkout")
    PAYMENTS = "payments", pgettext_lazy("what moved", "the payments")
    EVENTS = "events", pgettext_lazy("what moved", "the webhook events")
    PROVIDER = "provider", pgettext_lazy("what moved", "what the provider says")
    PLAN = "plan", pgettext_lazy("what moved", "the plan")
    CALLBACKS = "callbacks", pgettext_lazy("what moved", "what the product was told")


def digest(snapshot: Snapshot) -> str:
    """A short text that is the same exactly while all sides are: of everything but when somebody was asked.

    What the sweep noted is no side of its own, and doesn't count.
    """
    return ".".join(f"{part.value}-{_hashed(facts)}" for part, facts in _facts(snapshot).items())


def moved(before: str, after: str) -> list[Part]:
    """Which parts of two digests differ; all of them where the first is none that digest() gave."""
    old, new = _split(before), _split(after)
    return [part for part in Part if old.get(part) != new.get(part)]


def _split(text: str) -> dict[str, str]:
    return dict(pair for one in text.split(".") if len(pair := one.split("-", 1)) == 2)


def _hashed(facts: object) -> str:
    return sha256(dumps(facts, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()[:16]


def _facts(snapshot: Snapshot) -> Mapping[Part, object]:
    report = snapshot.report
    return {
        Part.CHECKOUT: [
            _of(snapshot.checkout, "state plan_id customer_key email amount currency provider session_id linked_at paid_at handled_at"),
            # What would be given is of the plan's terms.
            _of(snapshot.checkout.plan, "name days rank") if snapshot.checkout.plan else None,
        ],
        Part.PAYMENTS: [
            [
                _of(one.row, "payment_id checkout_id base state amount refunded currency invoice_id period_start period_end paid_at created_at"),
                [_of(part, "id amount state") for part in (*one.facts.refunds, *one.facts.disputes)],
            ]
            for one in snapshot.payments
        ],
        Part.EVENTS: [_of(one, "event_id state effect effect_reason") for one in snapshot.events],
        Part.PROVIDER: [
            snapshot.asked.code, None if report is None else {**asdict(report), "asked_at": None},
            [_of(one, "subscription_id status current_period_end cancel_at ended_at") for one in snapshot.subscriptions],
        ],
        Part.PLAN: [_of(one, "id customer_key plan_id payment_id starts_at until ended_at ended_because") for one in snapshot.grants],
        Part.CALLBACKS: [[one.row.version, one.told] for one in snapshot.callbacks],
    }  # fmt: skip


def _of(row: Any, names: str) -> list[object]:
    return [getattr(row, name) for name in names.split()]
