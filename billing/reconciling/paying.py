"""Where money and plan disagree: paid and not given, given and not paid, another amount, twice. Pure."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.effects import EffectReason
from billing.reconciling.explaining import why_not_given
from billing.reconciling.known import Known, Seen
from billing.reconciling.outside import parts_of
from billing.reconciling.problem import Level, Problem, Row, Side, fail, moment, plan_name, wanted, warn
from billing.reconciling.shape import Snapshot, holds
from billing.settling.granting import GrantAct
from billing.states import CheckoutState, EventState, FindingKind, PaymentState
from opsportal.money import in_words

K = FindingKind
WITHOUT_EFFECT = {EffectReason.NO_CUSTOMER, EffectReason.NO_CHECKOUT, EffectReason.NO_PLAN}


def lacks_plan(seen: Seen, one: Known) -> bool:
    """Whether it stands, its plan is not there, and nothing but a customer or a plan is missing for it."""
    if one.is_held or not one.facts.stands:
        return False
    names_nobody = not seen.checkout.customer_key or seen.checkout.plan is None
    return seen.will(one, GrantAct.CREATE, GrantAct.RESTORE) or (names_nobody and not one.is_ended_by_hand and not differs(seen, one))


def differs(seen: Seen, one: Known) -> bool:
    checkout = seen.checkout
    return one.is_first and (one.facts.amount, one.facts.currency) != (checkout.amount, checkout.currency)


def without_plan(seen: Seen) -> Iterator[Problem]:
    checkout = seen.checkout
    for one in seen.payments:
        if not lacks_plan(seen, one):
            continue
        headline, why_not = _("Paid, plan not given"), ""
        marks = [fail(Side.PLAN, Row.STATE, plan_name(checkout)), fail(Side.PLAN, Row.AMOUNT)]
        if not checkout.customer_key:
            headline = _("Paid, and nobody to give the plan to")
            why_not = _("First the product has to say whose checkout it is. As soon as it does, the plan is given by itself.")
            marks.append(fail(Side.CHECKOUT, Row.CUSTOMER, _("a customer")))
        elif checkout.plan is None:
            headline = _("Paid, and no plan to give")
            why_not = _("The checkout names no plan. Give one by hand, or refund the payment at the provider.")
        yield Problem(K.PAID_WITHOUT_PLAN, Level.FAIL, headline, (_agreement(seen, one), *why_not_given(seen.snapshot, one)), tuple(marks), why_not)


def _agreement(seen: Seen, one: Known) -> str:
    """Who says that it is paid, and what the customer has instead."""
    facts, checkout, snapshot = one.facts, seen.checkout, seen.snapshot
    sides = [
        *([_("the provider")] if snapshot.report and any(said.id == one.id for said in snapshot.report.payments) else []),
        *([_("our checkout")] if checkout.state == CheckoutState.PAID else []),
        *([_("our payment")] if one.ours and one.ours.row.state == PaymentState.APPROVED else []),
    ]
    values = {"amount": in_words(facts.amount, facts.currency), "payment": one.id, "who": checkout.customer_key or _("The customer")}
    if len(sides) > 1:
        values["sides"] = f"{', '.join(sides[:-1])} {_('and')} {sides[-1]}"
        said = _("%(sides)s agree on %(amount)s.") % values
    else:
        said = _("Only %(sides)s has the payment of %(amount)s.") % {**values, "sides": sides[0] if sides else values["payment"]}
    has = snapshot.plan_now
    rest = _("%(who)s has %(plan)s now, and not by this payment.") % {**values, "plan": has.plan.name} if has else _("%(who)s has no plan.") % values
    return f"{said[:1].upper()}{said[1:]} {rest}"


def other_amount(seen: Seen) -> Iterator[Problem]:
    checkout = seen.checkout
    for one in seen.payments:
        facts = one.facts
        if not facts.stands or not differs(seen, one):
            continue
        values = {"paid": in_words(facts.amount, facts.currency), "wanted": wanted(checkout), "payment": one.id}
        not_by_itself = _("The plan is not given for another amount by itself.")
        why_not = _("A person decides: give the plan by hand, or refund the payment at the provider.")
        marks = (fail(Side.PAYMENTS, Row.AMOUNT, wanted(checkout)), fail(Side.PROVIDER, Row.AMOUNT, wanted(checkout)))
        if one.is_held or one.is_ended_by_hand:
            not_by_itself, why_not = _("The plan was given before the amounts differed; it stays."), _("A person decides: leave it and write why, or end the plan.")  # fmt: skip
        if facts.currency != checkout.currency:
            said = _("%(payment)s paid %(paid)s, and the checkout is for %(wanted)s.") % values
            yield Problem(K.CURRENCY_DIFFERS, Level.FAIL, _("Paid in another currency"), (said, not_by_itself), marks, why_not)
            continue
        apart = {**values, "apart": in_words(abs(facts.amount - checkout.amount), checkout.currency)}
        less = _("%(payment)s paid %(paid)s, and the checkout is for %(wanted)s: %(apart)s too little.")
        more = _("%(payment)s paid %(paid)s, and the checkout is for %(wanted)s: %(apart)s too much.")
        said = (less if facts.amount < checkout.amount else more) % apart
        yield Problem(K.AMOUNT_DIFFERS, Level.FAIL, _("Another amount was paid"), (said, not_by_itself), marks, why_not)


def twice(seen: Seen) -> Iterator[Problem]:
    """More than one payment that stands, for the same thing: the checkout, or one invoice of its subscription."""
    by_invoice: dict[str, list[Known]] = {}
    for one in seen.payments:
        if one.facts.stands:
            by_invoice.setdefault(one.facts.invoice_id, []).append(one)
    for standing in by_invoice.values():
        if len(standing) < 2:
            continue
        total = " + ".join(in_words(one.facts.amount, one.facts.currency) for one in standing)
        said = ngettext("%(n)d payment stands for it: %(ids)s, %(total)s.", "%(n)d payments stand for it: %(ids)s, %(total)s.", len(standing)) % {
            "n": len(standing), "ids": ", ".join(one.id for one in standing), "total": total,
        }  # fmt: skip
        meant = _("One of them gives the plan, once; the rest is the customer's money.")
        why_not = _(
            "Refund what was paid too much at the provider. The portal refunds nothing by itself; the plan stays as long as one payment stands."
        )
        marks = (fail(Side.PAYMENTS, Row.AMOUNT, wanted(seen.checkout)), fail(Side.PROVIDER, Row.AMOUNT, wanted(seen.checkout)))
        yield Problem(K.PAID_TWICE, Level.FAIL, _("Paid twice"), (said, meant), marks, why_not)


def still_given(seen: Seen) -> Iterator[Problem]:
    """A plan whose payment does not stand, or is none."""
    for one in seen.payments:
        grant, facts = one.grant, one.facts
        if grant is None or not one.is_held or facts.stands or (grant.until and grant.until <= seen.snapshot.at):
            continue
        values = {"payment": one.id, "state": facts.state.label, "plan": grant.plan.name, "until": moment(grant.until), "amount": in_words(facts.amount, facts.currency)}  # fmt: skip
        marks = (fail(Side.PLAN, Row.STATE, _("no plan")),)
        if facts.state in (PaymentState.REFUNDED, PaymentState.CHARGED_BACK):
            headline = _("Refunded, plan still there") if facts.state == PaymentState.REFUNDED else _("Charged back, plan still there")
            said = _("%(payment)s of %(amount)s is %(state)s, and %(plan)s that it paid for goes on until %(until)s.") % values
            yield Problem(K.REFUNDED_WITH_PLAN, Level.FAIL, headline, (said, *_from_when(one)), marks)
        else:
            said = _("%(plan)s was given until %(until)s for %(payment)s, and that is %(state)s: no money came.") % values
            yield Problem(K.PLAN_WITHOUT_PAYMENT, Level.FAIL, _("Plan given without a payment"), (said,), marks)
    for grant in seen.snapshot.grants:
        if (
            grant.checkout_id == seen.checkout.pk
            and grant.payment_id is None
            and grant.source == grant.Source.PAYMENT
            and holds(grant, seen.snapshot.at)
        ):
            said = _("%(plan)s goes on until %(until)s as if it were paid, and no payment stands behind it.") % {"plan": grant.plan.name, "until": moment(grant.until)}  # fmt: skip
            why_not = _("Nobody can say which payment it was for. End it by hand, or leave it and write why.")
            yield Problem(
                K.PLAN_WITHOUT_PAYMENT, Level.FAIL, _("Plan given without a payment"), (said,), (fail(Side.PLAN, Row.STATE, _("no plan")),), why_not
            )


def _from_when(one: Known) -> Iterator[str]:
    refunds = [part.at for part in parts_of(one.facts) if part.at]
    if refunds:
        yield _("The money went back %(when)s, and nothing here took notice.") % {"when": moment(max(refunds))}


def states(seen: Seen) -> Iterator[Problem]:
    """Our checkout against our own payments."""
    checkout, snapshot = seen.checkout, seen.snapshot
    ours = [one.ours.row for one in seen.payments if one.ours and one.ours.row.checkout_id == checkout.pk]
    paid = [row for row in ours if row.base == PaymentState.APPROVED]
    values = {"state": checkout.get_state_display(), "paid": moment(checkout.paid_at)}
    if paid and checkout.state != CheckoutState.PAID:
        said = _("%(payment)s was approved %(when)s, and our checkout still says “%(state)s”.") % {**values, "payment": paid[0].payment_id, "when": moment(paid[0].paid_at)}  # fmt: skip
        marks = (fail(Side.CHECKOUT, Row.STATE, str(CheckoutState.PAID.label)),)
        yield Problem(K.STATE_DIFFERS, Level.WARN, _("Checkout and payment disagree"), (said,), marks)
    elif checkout.state == CheckoutState.PAID and not paid and not any(one.is_paid for one in seen.payments) and not _paid_page(snapshot):
        said = _("Our checkout says paid since %(paid)s, and no payment of it was ever approved.") % values
        why_not = "" if snapshot.report else _("Whether it was paid, only the provider can say.")
        if snapshot.report:
            why_not = _("The provider has no approved payment either, and what was paid once is never unpaid by itself. Look at how the checkout came to be paid.")  # fmt: skip
        yield Problem(K.STATE_DIFFERS, Level.WARN, _("Paid, and no payment for it"), (said,), (fail(Side.CHECKOUT, Row.STATE), warn(Side.PAYMENTS, Row.STATE)), why_not)  # fmt: skip


def _paid_page(snapshot: Snapshot) -> bool:
    """The provider's own page is paid without a payment: nothing was due, as at the start of a trial."""
    said = snapshot.report.checkout if snapshot.report else None
    return said is not None and said.state == CheckoutState.PAID


def untied(seen: Seen) -> Iterator[Problem]:
    for one in seen.payments:
        if one.ours and one.ours.row.checkout_id is None and one.facts.stands:
            said = _("%(payment)s of %(amount)s names this checkout, and is not tied to it: it came before the checkout was recorded.") % {
                "payment": one.id, "amount": in_words(one.facts.amount, one.facts.currency),
            }  # fmt: skip
            yield Problem(
                K.PAYMENT_WITHOUT_CHECKOUT, Level.FAIL, _("A payment is not tied to its checkout"), (said,), (fail(Side.PAYMENTS, Row.REFERENCE),)
            )


def events(seen: Seen) -> Iterator[Problem]:
    owed = any(lacks_plan(seen, one) for one in seen.payments)
    for event in seen.snapshot.events:
        values = {"event": event.event_id, "attempts": event.attempts, "error": event.error or _("no reason was kept"), "when": moment(event.received_at)}  # fmt: skip
        if event.state == EventState.PERSON:
            said = ngettext(
                "Event %(event)s was tried %(attempts)d time and waits for a person: %(error)s",
                "Event %(event)s was tried %(attempts)d times and waits for a person: %(error)s", event.attempts,
            ) % values  # fmt: skip
            yield Problem(K.EVENT_NEEDS_PERSON, Level.WARN, _("An event needs a person"), (said,), (warn(Side.EVENTS, Row.STATE),))
        elif owed and event.state == EventState.DONE and event.effect == "none" and event.effect_reason in WITHOUT_EFFECT:
            said = _("Event %(event)s came %(when)s and was answered 200, and had no effect: %(why)s.") % {
                **values,
                "why": EffectReason(event.effect_reason).label,
            }
            nobody = event.effect_reason == EffectReason.NO_CUSTOMER
            marks = (warn(Side.EVENTS, Row.STATE), *((warn(Side.EVENTS, Row.CUSTOMER),) if nobody else ()))
            yield Problem(K.EVENT_WITHOUT_EFFECT, Level.WARN, _("Answered 200, without effect"), (said,), marks)
