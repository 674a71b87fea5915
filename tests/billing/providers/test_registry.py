import subprocess
import sys

import pytest

from billing import providers
from billing.report import Account


def test_every_provider_is_known_by_its_name():
    assert [(one.name, one.label) for one in providers.all_providers()] == [("stripe", "Stripe"), ("mercadopago", "Mercado Pago")]
    assert providers.get("stripe").name == "stripe"


@pytest.mark.parametrize("name", ["", "paypal", "Stripe"])
def test_name_of_none_is_refused(name):
    with pytest.raises(LookupError):
        providers.get(name)


def test_libraries_are_not_loaded_with_the_names():
    code = "import sys, billing.providers; print('stripe' in sys.modules, 'mercadopago' in sys.modules, 'requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["False"] * 3


@pytest.mark.parametrize(("key", "live"), [("sk_live_x", True), ("rk_live_x", True), ("sk_test_x", False), ("rk_test_x", False), ("odd", None)])
def test_account_of_stripe_is_live_or_not_by_its_key(canned, settings, key, live):
    settings.STRIPE_SECRET_KEY = key
    names = {"settings": {"dashboard": {"display_name": "SmartBuy"}}, "business_profile": {"name": "Other"}}
    canned.says("/v1/account", {"id": "acct_1", "object": "account", "country": "BR", "default_currency": "brl", "charges_enabled": True, **names})
    facts = (("Country", "BR"), ("Currency", "BRL"), ("May charge", "yes"))
    assert providers.get("stripe").account() == Account("acct_1", "SmartBuy", live, facts)


@pytest.mark.parametrize(
    ("token", "tags", "live"), [("APP_USR-1", ["normal"], True), ("TEST-1", ["normal"], False), ("APP_USR-1", ["test_user"], False)]
)
def test_account_of_mercado_pago_is_live_or_not_by_token_and_tags(canned, settings, token, tags, live):
    settings.MERCADOPAGO_ACCESS_TOKEN = token
    canned.says("/users/me", {"id": 44, "nickname": "SMARTBUY", "country_id": "BR", "site_id": "MLB", "email": "a@b.example", "tags": tags})
    facts = (("Country", "BR"), ("Site", "MLB"), ("Email", "a@b.example"))
    assert providers.get("mercadopago").account() == Account("44", "SMARTBUY", live, facts)


@pytest.mark.parametrize(
    ("key", "payment_id", "url"),
    [
        ("sk_live_x", "pi_1", "https://dashboard.stripe.com/payments/pi_1"),
        ("sk_test_x", "pi_1", "https://dashboard.stripe.com/test/payments/pi_1"),
        ("sk_live_x", "in_1", "https://dashboard.stripe.com/invoices/in_1"),
    ],
)
def test_payment_has_its_page_at_stripe(settings, key, payment_id, url):
    settings.STRIPE_SECRET_KEY = key
    assert providers.get("stripe").dashboard_url(payment_id) == url
    assert providers.get("mercadopago").dashboard_url(payment_id) == ""
