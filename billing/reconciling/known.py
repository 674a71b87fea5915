"""What is known of the checkout's payments once the provider's answer is taken in: the ground that a diagnosis stands on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from billing.models import Checkout, Grant, WebhookEvent
from billing.reconciling.shape import PaymentSide, Snapshot
from billing.settling.decision import Decision, decide
from billing.settling.facts import PaymentFacts
from billing.settling.granting import GrantAct
from billing.settling.merging import merge_report
from billing.states import PaymentState


@dataclass(frozen=True, slots=True)
class Known:
    """A payment: `ours` as our rows have it (None: not here), `facts` with what the provider says, the `grant` that it gave.

    `is_first`: its amount has to be the checkout's; a renewal may cost something else, and so may what follows a trial for nothing.
    """

    facts: PaymentFacts
    ours: PaymentSide | None
    grant: Grant | None
    events: tuple[WebhookEvent, ...] = ()
    is_first: bool = True

    @property
    def id(self) -> str:
        return self.facts.payment_id

    @property
    def is_paid(self) -> bool:
        return self.facts.base == PaymentState.APPROVED

    @property
    def is_held(self) -> bool:
        """Whether its grant is not ended."""
        return self.grant is not None and self.grant.ended_at is None

    @property
    def is_ended_by_hand(self) -> bool:
        return self.grant is not None and self.grant.ended_because == Grant.Ended.HAND


@dataclass(frozen=True, slots=True)
class Seen:
    """A snapshot with what settling would make of it, and the payments with the provider's answer taken in, oldest first."""

    snapshot: Snapshot
    decision: Decision
    payments: tuple[Known, ...]

    @property
    def checkout(self) -> Checkout:
        return self.snapshot.checkout

    def will(self, one: Known, *acts: GrantAct) -> bool:
        """Whether settling would do that with the payment's plan."""
        return any(change.act in acts and change.payment == (one.facts.provider, one.id) for change in self.decision.grants)


def seen(snapshot: Snapshot) -> Seen:
    return Seen(snapshot, decide(snapshot.ours, snapshot.report, snapshot.at), tuple(_payments(snapshot)))


def _payments(snapshot: Snapshot) -> Iterator[Known]:
    ours = {(one.row.provider, one.row.payment_id): one for one in snapshot.payments}
    grants = {one.payment_id: one for one in snapshot.grants if one.payment_id}
    merged = merge_report([one.facts for one in snapshot.payments], snapshot.report)
    starts = [one.period_start for one in merged.values() if one.is_invoice and one.period_start]
    for key, facts in sorted(merged.items(), key=lambda pair: (pair[1].when_paid, pair[0])):
        side = ours.get(key)
        if side and side.row.checkout_id not in (None, snapshot.checkout.pk):
            # Named beside others by the provider; it belongs to another checkout of ours.
            continue
        is_first = not facts.is_invoice or (facts.period_start == min(starts) and snapshot.checkout.amount > 0)
        yield Known(facts, side, grants.get(side.row.pk) if side else None, tuple(_events_of(facts, side, snapshot.events)), is_first)


def _events_of(facts: PaymentFacts, side: PaymentSide | None, events: Iterable[WebhookEvent]) -> Iterable[WebhookEvent]:
    names = {facts.payment_id, facts.invoice_id, facts.session_id} - {""}
    return (one for one in events if one.object_id in names or (side is not None and one.payment_id == side.row.pk))
