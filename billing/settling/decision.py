"""What follows from what we have and what the provider says. Pure: the dry run shows what settle() will write."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from billing.effects import Effect
from billing.report import Report
from billing.settling import changing
from billing.settling.changing import FieldChange
from billing.settling.concluding import conclude
from billing.settling.facts import CheckoutFacts, PaymentFacts, PaymentWrite, SubscriptionFacts
from billing.settling.granting import GrantChange, Granting, Key, Verdict
from billing.settling.merging import merge_checkout, merge_report, merge_subscription
from billing.settling.sides import OurPayment, Ours


@dataclass(frozen=True, slots=True)
class Decision:
    """`changes` is the dry run's table; the rest is what settle() writes. `checkout` None: no checkout is known."""

    effect: Effect
    changes: tuple[FieldChange, ...] = ()
    checkout: CheckoutFacts | None = None
    payments: tuple[PaymentWrite, ...] = ()
    subscription: SubscriptionFacts | None = None
    grants: tuple[GrantChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.changes


def decide(ours: Ours, report: Report | None, now: datetime) -> Decision:
    """Without a report: from what we have alone, as when a checkout gets its customer."""
    writes = tuple(_writes(ours, report))
    checkout = ours.checkout
    attached = [one for one in writes if checkout and one.checkout_pk == checkout.pk]
    subscription = merge_subscription(ours.subscription, report)
    after = merge_checkout(checkout.facts, report, [one.facts for one in attached]) if checkout else None
    if checkout and after and not ours.may_take_session:
        after = replace(after, session_id=checkout.facts.session_id)
    verdicts, grants = _grants(ours, attached, now)
    changes = (
        *(changing.of_checkout(checkout.checkout_id, checkout.facts, after) if checkout and after else ()),
        *(change for write in writes for change in _of_write(write, ours)),
        *_of_subscription(ours, subscription),
        *(change for grant in grants for change in grant.changes()),
    )
    effect = conclude(ours, report, writes=writes, verdicts=verdicts, after=after, changes=changes)
    return Decision(effect, changes, after, writes, subscription, tuple(grants))


def _writes(ours: Ours, report: Report | None) -> Iterator[PaymentWrite]:
    rows = {(one.facts.provider, one.facts.payment_id): one for one in ours.payments}
    for key, facts in merge_report((one.facts for one in ours.payments), report).items():
        row = rows.get(key)
        yield PaymentWrite(row.pk if row else None, row.facts if row else None, facts, _owner(ours, row, facts), row.checkout_pk if row else None)


def _owner(ours: Ours, row: OurPayment | None, facts: PaymentFacts) -> int | None:
    """The checkout of a payment. What is settled once stays; what names another checkout of ours waits for that one."""
    if row and row.checkout_pk is not None:
        return row.checkout_pk
    checkout = ours.checkout
    if checkout is None:
        return None
    same_page = facts.session_id and facts.session_id == checkout.facts.session_id
    return checkout.pk if same_page or facts.reference in ("", checkout.checkout_id) else None


def _grants(ours: Ours, attached: list[PaymentWrite], now: datetime) -> tuple[list[Verdict], list[GrantChange]]:
    if ours.checkout is None:
        return [], []
    pks: dict[Key, int | None] = {(one.facts.provider, one.facts.payment_id): one.pk for one in attached}
    granting = Granting(ours, [one.facts for one in attached], pks, now)
    verdicts = granting.verdicts()
    decided = [verdict.change for verdict in verdicts if verdict.change]
    return verdicts, [*decided, *granting.moves(decided)]


def _of_write(write: PaymentWrite, ours: Ours) -> Iterator[FieldChange]:
    if not write.is_changed:
        return
    yield from changing.of_payment(write.known, write.facts)
    if write.checkout_pk != write.was_checkout_pk and ours.checkout:
        yield FieldChange("payment", write.facts.payment_id, "checkout", None, ours.checkout.checkout_id)


def _of_subscription(ours: Ours, after: SubscriptionFacts | None) -> Iterator[FieldChange]:
    yield from changing.of_subscription(ours.subscription, after)
    if after and ours.checkout and ours.subscription_checkout_pk is None:
        yield FieldChange("subscription", after.subscription_id, "checkout", None, ours.checkout.checkout_id)
