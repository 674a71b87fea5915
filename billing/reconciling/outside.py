"""Where we and the outside disagree: the provider says otherwise, the product does not know. Pure."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from billing.queries.desk import TOLD_WITHIN
from billing.reconciling.known import Known, Seen
from billing.reconciling.problem import Level, Mark, Problem, Row, Side, fail, moment, warn
from billing.reconciling.shape import CallbackSide, Told
from billing.settling.facts import DisputeFacts, PaymentFacts, RefundFacts
from billing.states import CheckoutState, FindingKind
from opsportal.money import in_words


def provider(seen: Seen) -> Iterator[Problem]:
    """One problem for all that the provider says otherwise, each in a sentence."""
    if seen.snapshot.report is None:
        return
    sentences = [*_of_payments(seen), *_of_checkout(seen), *_of_subscription(seen)]
    if not sentences:
        return
    marks: list[Mark] = [fail(Side.PROVIDER, Row.STATE), fail(Side.PAYMENTS, Row.STATE)]
    yield Problem(FindingKind.PROVIDER_DIFFERS, Level.WARN, _("The provider says otherwise"), tuple(sentences), tuple(marks))


def _of_payments(seen: Seen) -> Iterator[str]:
    for one in seen.payments:
        facts = one.facts
        values = {"payment": one.id, "amount": in_words(facts.amount, facts.currency), "now": facts.state.label, "when": moment(facts.paid_at or facts.created_at)}  # fmt: skip
        if one.ours is None:
            yield _("The provider has %(payment)s, %(amount)s, %(now)s, of %(when)s; nothing of it is known here.") % values
            continue
        was = one.ours.facts
        if (was.amount, was.currency) != (facts.amount, facts.currency):
            yield _("%(payment)s is of %(amount)s at the provider; here it is %(was)s.") % {**values, "was": in_words(was.amount, was.currency)}
        if was.state != facts.state:
            yield _("%(payment)s is %(now)s at the provider; here it is still %(was)s.") % {**values, "was": was.state.label}
        yield from _of_parts(one)


def _of_parts(one: Known) -> Iterator[str]:
    """Refunds and disputes that moved without moving the payment itself."""
    assert one.ours is not None
    known = {part.id: part.state for part in parts_of(one.ours.facts)}
    for part in parts_of(one.facts):
        if known.get(part.id) == part.state:
            continue
        values = {"id": part.id, "amount": in_words(part.amount, part.currency), "when": moment(part.at), "state": part.state.label}
        if isinstance(part, RefundFacts):
            yield _("It has a refund %(id)s of %(amount)s, %(when)s: %(state)s.") % values
        else:
            yield _("It has a dispute %(id)s about %(amount)s, %(when)s: %(state)s.") % values


def parts_of(facts: PaymentFacts) -> list[RefundFacts | DisputeFacts]:
    return [*facts.refunds, *facts.disputes]


def _of_checkout(seen: Seen) -> Iterator[str]:
    said, ours = seen.snapshot.report.checkout if seen.snapshot.report else None, seen.checkout
    after = seen.decision.checkout
    # Where a payment explains the new state, it is told by the payment.
    if said and after and after.state == said.state != ours.state and not (said.state == CheckoutState.PAID and seen.payments):
        yield _("The provider's page for it is “%(said)s”; our checkout says “%(ours)s”.") % {
            "said": said.state.label,
            "ours": ours.get_state_display(),
        }


def _of_subscription(seen: Seen) -> Iterator[str]:
    known, after = seen.snapshot.ours.subscription, seen.decision.subscription
    if after is None or known is None or known.status == after.status:
        return
    yield _("Subscription %(id)s is “%(now)s” at the provider; here it is “%(was)s”.") % {
        "id": after.subscription_id,
        "now": after.status,
        "was": known.status,
    }


def product(seen: Seen) -> Iterator[Problem]:
    """Only the newest version has the say: an older one that was never confirmed is overtaken."""
    latest = next((one for one in seen.snapshot.callbacks if one.row.customer_key == seen.checkout.customer_key), None)
    if latest is None or latest.told == Told.CONFIRMED or not _is_late(seen, latest):
        return
    values = {"version": latest.row.version, "when": moment(latest.row.created_at), "attempts": latest.attempts, "error": latest.error or _("no answer yet")}  # fmt: skip
    if latest.told == Told.NOT_SENT:
        said = _("Version %(version)s of the customer's plan could not be sent %(when)s: no address of the product is set.") % values
    elif latest.told == Told.DEAD:
        said = _("Version %(version)s of the customer's plan was given up after %(attempts)d tries: %(error)s") % values
    else:
        said = _("Version %(version)s of the customer's plan is on its way since %(when)s, %(attempts)d tries so far: %(error)s") % values
    why_not = _("Nothing here is to be changed: the product has to take it. Tell it again.")
    yield Problem(FindingKind.PRODUCT_NOT_TOLD, Level.WARN, _("The product has not confirmed"), (said,), (warn(Side.PLAN, Row.CHANGE),), why_not)


def _is_late(seen: Seen, latest: CallbackSide) -> bool:
    return latest.told != Told.WAITING or latest.row.created_at < seen.snapshot.at - TOLD_WITHIN


def notes(seen: Seen) -> Iterator[str]:
    """What is in order, and worth knowing."""
    for one in seen.payments:
        facts = one.facts
        values = {"payment": one.id, "back": in_words(facts.refunded, facts.currency), "amount": in_words(facts.amount, facts.currency)}
        if facts.stands and facts.refunded:
            yield _("%(back)s of %(amount)s was refunded; the plan stays.") % values
        if facts.stands and facts.has_open_dispute:
            yield _("A dispute about %(payment)s is open; the plan stays until it is decided.") % values
        if one.is_ended_by_hand and facts.stands:
            yield _("A person ended the plan that %(payment)s gave; it is not given back by itself.") % values
    if seen.checkout.handled_at:
        yield _("%(who)s marked it as handled %(when)s: %(note)s") % {"who": seen.checkout.handled_by, "when": moment(seen.checkout.handled_at), "note": seen.checkout.handled_note}  # fmt: skip
