"""Stripe: its webhooks, its API, and what they say in our words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from billing.providers.asking import understood
from billing.providers.stripe.client import LABEL, Question
from billing.providers.stripe.gathering import Gathering, kind_of
from billing.providers.stripe.listing import changes_between
from billing.providers.stripe.verifying import verify
from billing.providers.values import ident, part, text
from billing.report import Account, Change, Delivery, Report, Verified
from billing.states import ProviderName
from opsportal import clock

DASHBOARD = "https://dashboard.stripe.com"


class StripeProvider:
    name = ProviderName.STRIPE.value
    label = LABEL

    def is_configured(self) -> bool:
        return bool(settings.STRIPE_SECRET_KEY)

    def verify(self, delivery: Delivery) -> Verified:
        return verify(delivery)

    def about_event(self, event_type: str, object_id: str, body: Mapping[str, Any]) -> Report | None:
        """The body says what happened, not what is true now: only the id is taken from it."""
        kind = kind_of(event_type)
        return Gathering(clock.now()).about(kind, object_id) if kind else None

    def about_checkout(self, *, checkout_id: str, session_id: str, payment_ids: tuple[str, ...] = (), subscription_id: str = "") -> Report:
        return Gathering(clock.now()).about_checkout(checkout_id, session_id, payment_ids, subscription_id)

    def changes_between(self, since: datetime, until: datetime) -> Iterator[Change]:
        return changes_between(since, until)

    def account(self) -> Account:
        found = Question().account()
        with understood(LABEL):
            name = part(found, "settings", "dashboard", "display_name") or part(found, "business_profile", "name") or found.get("email")
            facts = (
                (gettext_noop("Country"), text(found.get("country"))),
                (gettext_noop("Currency"), text(found.get("default_currency")).upper()),
                (gettext_noop("May charge"), gettext_noop("yes") if found.get("charges_enabled") else gettext_noop("no")),
            )
            return Account(ident(found), text(name), _live_mode(), tuple((label, value) for label, value in facts if value))

    def dashboard_url(self, payment_id: str) -> str:
        mode = "/test" if _live_mode() is False else ""
        return f"{DASHBOARD}{mode}/{'invoices' if payment_id.startswith('in_') else 'payments'}/{payment_id}"


def _live_mode() -> bool | None:
    """Stripe's secret keys say it themselves: sk_live_…, rk_test_…"""
    kind = settings.STRIPE_SECRET_KEY[:8].partition("_")[2]
    return {"live_": True, "test_": False}.get(kind)
