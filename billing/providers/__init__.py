"""The payment providers there are. Each speaks its own protocol and answers with billing.report's shapes."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from billing.report import Account, Change, Delivery, Report, Verified
from billing.states import ProviderName


class Provider(Protocol):
    name: str
    label: str

    def verify(self, delivery: Delivery) -> Verified:
        """Check the signature over the raw body. Asks nobody. Raises BadSignature."""

    def about_event(self, event_type: str, object_id: str, body: Mapping[str, Any]) -> Report | None:
        """What is true now of what the event names. None: a type of event that moves nothing. Raises CouldNotAsk."""

    def about_checkout(self, *, checkout_id: str, session_id: str, payment_ids: tuple[str, ...] = (), subscription_id: str = "") -> Report:
        """Everything the provider knows of one checkout of ours, by every id we have of it. Raises CouldNotAsk."""

    def changes_between(self, since: datetime, until: datetime) -> Iterator[Change]:
        """Oldest first, page by page as they are taken. Raises CouldNotAsk, also in the middle."""

    def account(self) -> Account:
        """Whose token it is. Raises CouldNotAsk."""

    def dashboard_url(self, payment_id: str) -> str:
        """Where a person finds the payment at the provider; empty where there is no such address."""

    def is_configured(self) -> bool:
        """Whether there is a token to ask with."""


def get(name: str) -> Provider:
    """Raises LookupError for a name that is none of ProviderName. The providers' libraries are loaded with the first use."""
    if name == ProviderName.STRIPE:
        from billing.providers.stripe import StripeProvider

        return StripeProvider()
    if name == ProviderName.MERCADOPAGO:
        from billing.providers.mercadopago import MercadoPagoProvider

        return MercadoPagoProvider()
    raise LookupError(name)


def all_providers() -> list[Provider]:
    return [get(name) for name in ProviderName.values]
