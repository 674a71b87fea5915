"""How billing's pages hang together, and how its states read in lists."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from billing.states import CheckoutState, FindingKind, PaymentState

register = template.Library()

# Label, the page's name, and what the names of the pages below it begin with; pages that are not there are left out.
TABS = (
    (_("Checkouts"), "billing", ("billing_checkout",)),
    (_("Findings"), "billing_findings", ("billing_finding",)),
    (_("Webhooks"), "billing_webhooks", ("billing_webhook", "billing_event")),
    (_("Plans"), "billing_plans", ("billing_plan",)),
    (_("Providers"), "billing_providers", ("billing_provider",)),
    (_("Effects"), "billing_effects", ()),
)
CHECKOUT_TONES = {CheckoutState.PAID: "ok", CheckoutState.PENDING: "unknown", CheckoutState.OPEN: "off", CheckoutState.EXPIRED: "off", CheckoutState.FAILED: "warn"}  # fmt: skip
PAYMENT_TONES = {
    PaymentState.APPROVED: "ok", PaymentState.PENDING: "unknown", PaymentState.REJECTED: "warn", PaymentState.CANCELLED: "off",
    PaymentState.REFUNDED: "off", PaymentState.CHARGED_BACK: "fail",
}  # fmt: skip


@register.inclusion_tag("billing/_tabs.html", takes_context=True)
def billing_tabs(context: Context) -> dict[str, Any]:
    """Billing's pages, side by side."""
    return {"tabs": tabs_of(context["request"])}


def tabs_of(request: HttpRequest) -> list[tuple[Any, str, bool]]:
    name = request.resolver_match.url_name or "" if request.resolver_match else ""
    tabs = []
    for label, url_name, parts in TABS:
        try:
            tabs.append((label, reverse(url_name), name == url_name or name.startswith(parts) if parts else name == url_name))
        except NoReverseMatch:
            continue
    return tabs


@register.filter
def checkout_tone(state: str) -> str:
    return CHECKOUT_TONES.get(CheckoutState(state), "unknown")


@register.filter
def payment_tone(state: str) -> str:
    return PAYMENT_TONES.get(PaymentState(state), "unknown")


@register.filter
def kind_label(kind: str) -> str:
    """What a finding's kind is called."""
    return str(FindingKind(kind).label)
