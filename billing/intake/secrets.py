"""Whether there is a secret to check a provider's signatures with. Without one every delivery is sent back to come again."""

from django.conf import settings

from billing.states import ProviderName


def has_secret(provider: str) -> bool:
    if provider == ProviderName.STRIPE:
        return bool(settings.STRIPE_WEBHOOK_SECRET or settings.STRIPE_WEBHOOK_SECRET_PREVIOUS)
    return bool(settings.MERCADOPAGO_WEBHOOK_SECRET or settings.MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS)
