"""Mercado Pago: its notifications, its API, and what they say in our words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from billing.providers.asking import understood
from billing.providers.mercadopago.client import LABEL, Question
from billing.providers.mercadopago.gathering import Gathering, kind_of
from billing.providers.mercadopago.listing import changes_between
from billing.providers.mercadopago.verifying import verify
from billing.providers.values import ident, text
from billing.report import Account, Change, Delivery, Report, Verified
from billing.states import ProviderName
from opsportal import clock


class MercadoPagoProvider:
    name = ProviderName.MERCADOPAGO.value
    label = LABEL

    def is_configured(self) -> bool:
        return bool(settings.MERCADOPAGO_ACCESS_TOKEN)

    def verify(self, delivery: Delivery) -> Verified:
        return verify(delivery)

    def about_event(self, event_type: str, object_id: str, body: Mapping[str, Any]) -> Report | None:
        """The body proves nothing: only the id is used."""
        kind = kind_of(event_type)
        return Gathering(clock.now()).about(kind, object_id) if kind else None

    def about_checkout(self, *, checkout_id: str, session_id: str, payment_ids: tuple[str, ...] = (), subscription_id: str = "") -> Report:
        return Gathering(clock.now()).about_checkout(checkout_id, session_id, payment_ids)

    def changes_between(self, since: datetime, until: datetime) -> Iterator[Change]:
        return changes_between(since, until)

    def account(self) -> Account:
        found = Question().me()
        with understood(LABEL):
            is_test = settings.MERCADOPAGO_ACCESS_TOKEN.startswith("TEST-") or "test_user" in (found.get("tags") or ())
            facts = (
                (gettext_noop("Country"), text(found.get("country_id"))),
                (gettext_noop("Site"), text(found.get("site_id"))),
                (gettext_noop("Email"), text(found.get("email"))),
            )
            name = text(found.get("nickname") or found.get("first_name"))
            return Account(ident(found), name, not is_test, tuple((label, value) for label, value in facts if value))

    def dashboard_url(self, payment_id: str) -> str:
        """Its pages of a payment have an address of their own per country, and none that is documented."""
        return ""
