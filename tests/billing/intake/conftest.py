import pytest

from billing.intake import unsigned
from tests.billing.sending import MERCADOPAGO_SECRET, STRIPE_SECRET


@pytest.fixture(autouse=True)
def _secrets(settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_WEBHOOK_SECRET_PREVIOUS = STRIPE_SECRET, "whsec_previous"
    settings.MERCADOPAGO_WEBHOOK_SECRET, settings.MERCADOPAGO_ACCESS_TOKEN = MERCADOPAGO_SECRET, "APP_USR-tests"


@pytest.fixture(autouse=True)
def _room_for_unsigned(monkeypatch) -> None:
    monkeypatch.setattr(unsigned, "_left", float(unsigned.AT_ONCE))
