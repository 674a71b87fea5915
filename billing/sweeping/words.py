"""Findings in words: what disagrees, what is proposed, and why one closed. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.effects import EffectReason
from billing.models import Finding
from billing.states import CheckoutState, FindingKind, PaymentState, ProviderName
from opsportal.money import in_words

K = FindingKind
CLOSED = {
    "given": gettext_lazy("The plan was given."),
    "ended_by_hand": gettext_lazy("A person ended the plan."),
    "no_longer_stands": gettext_lazy("The payment no longer stands."),
    "differs": gettext_lazy("The plan is not owed: another amount was paid, or another payment gave it."),
    "ended": gettext_lazy("The plan was ended."),
    "stands_again": gettext_lazy("The payment stands again."),
    "ran_out": gettext_lazy("The plan ran out."),
    "has_checkout": gettext_lazy("The payment has its checkout now."),
    "processed": gettext_lazy("The event was processed."),
    "handled": gettext_lazy("A person handled the event."),
    "tried_again": gettext_lazy("The event is tried again."),
    "confirmed": gettext_lazy("The product was told, and confirmed it."),
    "agrees": gettext_lazy("The sides agree again."),
    "reconciled": gettext_lazy("A person reconciled the checkout, or the sweep did."),
}


def closed_because(finding: Finding) -> str:
    """A code this version does not know is shown as it is."""
    return str(CLOSED.get(finding.closed_because, finding.closed_because))


def said(finding: Finding) -> str:
    """What disagrees, in one sentence."""
    return SENTENCES[K(finding.kind)](finding, _values(finding))


def proposed(finding: Finding) -> str:
    """What a person can do about it."""
    if finding.kind == K.PAID_WITHOUT_PLAN and finding.facts.get("why") == "no_customer":
        return _("Wait for the product to say whose checkout it is, or refund the payment at the provider.")
    return str(PROPOSED[K(finding.kind)])


def _values(finding: Finding) -> dict[str, Any]:
    facts = finding.facts
    return {
        "payment": facts.get("payment") or _("a payment"), "checkout": facts.get("checkout") or _("a checkout"), "plan": facts.get("plan") or _("the plan"),
        "amount": in_words(finding.amount, finding.currency) if finding.currency else "–", "event": facts.get("event", ""), "type": facts.get("type", ""),
        "provider": dict(ProviderName.choices).get(facts.get("provider", ""), _("the provider")),
    }  # fmt: skip


def _paid_without_plan(finding: Finding, values: Mapping[str, Any]) -> str:
    match finding.facts.get("why"):
        case "no_customer":
            return _("%(payment)s paid %(amount)s, and nobody is known to give the plan to.") % values
        case "no_plan":
            return _("%(payment)s paid %(amount)s, and the checkout names no plan.") % values
    if finding.facts.get("ended"):
        return _("%(payment)s of %(amount)s stands, and %(plan)s that it paid for was ended.") % values
    return _("%(payment)s paid %(amount)s, and %(plan)s was not given.") % values


def _plan_without_payment(finding: Finding, values: Mapping[str, Any]) -> str:
    state = finding.facts.get("state")
    if not state:
        return _("%(plan)s goes on as if it were paid, and no payment stands behind it.") % values
    return _("%(plan)s goes on, and %(payment)s that paid for it is %(state)s.") % {**values, "state": PaymentState(state).label}


def _refunded(finding: Finding, values: Mapping[str, Any]) -> str:
    return _("%(payment)s of %(amount)s is %(state)s, and %(plan)s goes on.") % {**values, "state": PaymentState(finding.facts["state"]).label}


def _differs(finding: Finding, values: Mapping[str, Any]) -> str:
    facts = finding.facts
    paid, wanted = in_words(facts["amount"], facts["currency"]), in_words(facts["wanted"], facts.get("wanted_currency") or facts["currency"])
    return _("%(payment)s paid %(paid)s, and the checkout is for %(wanted)s.") % {**values, "paid": paid, "wanted": wanted}


def _twice(finding: Finding, values: Mapping[str, Any]) -> str:
    return _("%(times)s payments stand for the same thing; %(amount)s of it are the customer's.") % {**values, "times": finding.facts["times"]}


def _without_checkout(finding: Finding, values: Mapping[str, Any]) -> str:
    if reference := finding.facts.get("reference"):
        return _("%(payment)s paid %(amount)s for “%(reference)s”, and no such checkout is known here.") % {**values, "reference": reference}
    return _("%(payment)s paid %(amount)s, and names no checkout.") % values


def _state_differs(finding: Finding, values: Mapping[str, Any]) -> str:
    if finding.facts.get("checkout_state") == CheckoutState.PAID:
        return _("%(checkout)s is paid, and no payment of it was ever approved.") % values
    state = CheckoutState(finding.facts["checkout_state"]).label
    return _("%(payment)s was approved, and %(checkout)s still says “%(state)s”.") % {**values, "state": state}


def _provider_differs(finding: Finding, values: Mapping[str, Any]) -> str:
    facts = finding.facts
    if facts.get("what") == "unknown":
        return _("%(provider)s does not know %(payment)s, which stands here.") % values
    if facts.get("what") == "amount":
        ours, theirs = in_words(facts["ours"], facts["currency"]), in_words(facts["said"], facts["said_currency"])
        return _("%(payment)s is of %(theirs)s at %(provider)s; here it is %(ours)s.") % {**values, "ours": ours, "theirs": theirs}
    labels = dict(PaymentState.choices)
    words = {**values, "ours": labels.get(facts.get("ours", ""), "–"), "theirs": labels.get(facts.get("said", ""), "–")}
    return _("%(payment)s is %(theirs)s at %(provider)s; here it is %(ours)s.") % words


def _event_without_effect(finding: Finding, values: Mapping[str, Any]) -> str:
    why = dict(EffectReason.choices).get(finding.facts.get("reason", ""), "–")
    return _("Event %(event)s (%(type)s) was answered 200 and gave nothing: %(why)s. Its payment still waits for its plan.") % {**values, "why": why}


def _event_needs_person(finding: Finding, values: Mapping[str, Any]) -> str:
    error = finding.facts.get("error") or _("no reason was kept")
    return _("Event %(event)s (%(type)s) could not be processed: %(error)s") % {**values, "error": error}


def _not_told(finding: Finding, values: Mapping[str, Any]) -> str:
    facts = {"customer": finding.facts.get("customer", ""), "version": finding.facts.get("version", "")}
    if not finding.facts.get("sent", True):
        return _("Version %(version)s of the plan of %(customer)s was not sent: no address of the product was set.") % facts
    return _("The product has not confirmed version %(version)s of the plan of %(customer)s.") % facts


SENTENCES = {
    K.PAID_WITHOUT_PLAN: _paid_without_plan, K.PLAN_WITHOUT_PAYMENT: _plan_without_payment, K.REFUNDED_WITH_PLAN: _refunded, K.AMOUNT_DIFFERS: _differs,
    K.CURRENCY_DIFFERS: _differs, K.PAID_TWICE: _twice, K.PAYMENT_WITHOUT_CHECKOUT: _without_checkout, K.STATE_DIFFERS: _state_differs,
    K.PROVIDER_DIFFERS: _provider_differs, K.EVENT_WITHOUT_EFFECT: _event_without_effect, K.EVENT_NEEDS_PERSON: _event_needs_person,
    K.PRODUCT_NOT_TOLD: _not_told,
}  # fmt: skip
PROPOSED = {
    K.PAID_WITHOUT_PLAN: gettext_lazy("Reconcile the checkout: the plan is given."),
    K.PLAN_WITHOUT_PAYMENT: gettext_lazy("Reconcile the checkout, or end the plan by hand."),
    K.REFUNDED_WITH_PLAN: gettext_lazy("Reconcile the checkout: the plan is ended."),
    K.AMOUNT_DIFFERS: gettext_lazy("Give the plan by hand, or refund the payment at the provider."),
    K.CURRENCY_DIFFERS: gettext_lazy("Give the plan by hand, or refund the payment at the provider."),
    K.PAID_TWICE: gettext_lazy("Refund one of them at the provider."),
    K.PAYMENT_WITHOUT_CHECKOUT: gettext_lazy("Have the product record the checkout, or refund the payment at the provider."),
    K.STATE_DIFFERS: gettext_lazy("Reconcile the checkout: it takes over what the provider says."),
    K.PROVIDER_DIFFERS: gettext_lazy("Look at the payment at the provider."),
    K.EVENT_WITHOUT_EFFECT: gettext_lazy("Reconcile the checkout, or have the event processed again."),
    K.EVENT_NEEDS_PERSON: gettext_lazy("Look at the event: have it processed again, or say how it was dealt with."),
    K.PRODUCT_NOT_TOLD: gettext_lazy("Tell the product again from the checkout's page."),
}
