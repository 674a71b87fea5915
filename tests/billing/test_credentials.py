import pytest

from billing import credentials, providers
from billing.credentials import Checked, CheckState
from billing.report import Account

pytestmark = pytest.mark.django_db

ACCOUNT = {"id": "acct_1", "object": "account", "country": "BR", "email": "ops@example.com"}


@pytest.fixture
def stripe():
    return providers.get("stripe")


def test_answer_is_asked_for_once_and_kept(canned, stripe):
    canned.says("/v1/account", ACCOUNT)
    checked = credentials.ask(stripe)
    assert checked.state is CheckState.ANSWERS
    assert checked.account == Account("acct_1", "ops@example.com", False, (("Country", "BR"), ("May charge", "no")))
    assert credentials.last(stripe) == checked
    assert len(canned.requests) == 1


@pytest.mark.parametrize(
    ("status", "state"), [(401, CheckState.REFUSED), (403, CheckState.REFUSED), (429, CheckState.COULD_NOT_ASK), (500, CheckState.COULD_NOT_ASK)]
)
def test_failure_is_kept_with_its_words(canned, stripe, status, state):
    canned.says("/v1/account", {}, status=status)
    checked = credentials.ask(stripe)
    assert (checked.state, checked.account) == (state, None)
    assert str(status) in checked.words
    assert credentials.last(stripe) == checked


def test_answer_of_another_token_says_nothing_about_this_one(canned, stripe, settings):
    canned.says("/v1/account", ACCOUNT)
    credentials.ask(stripe)
    settings.STRIPE_SECRET_KEY = "sk_test_other"
    assert credentials.last(stripe) == Checked(CheckState.NOT_ASKED)


def test_provider_without_a_token_is_not_set_up(canned, stripe, settings):
    settings.STRIPE_SECRET_KEY = ""
    assert credentials.last(stripe) == Checked(CheckState.NOT_SET_UP)
    assert credentials.ask(stripe).state is CheckState.NOT_SET_UP
    assert canned.requests == []


def test_secrets_are_shown_by_fingerprint_only(settings):
    settings.MERCADOPAGO_ACCESS_TOKEN, settings.MERCADOPAGO_WEBHOOK_SECRET, settings.MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS = "abc", "", "abc"
    found = [(one.setting, one.fingerprint) for one in credentials.secrets_of(providers.get("mercadopago"))]
    # sha256("abc") as FIPS 180-2 gives it in its examples.
    assert found == [
        ("MERCADOPAGO_ACCESS_TOKEN", "ba7816bf"), ("MERCADOPAGO_WEBHOOK_SECRET", ""), ("MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS", "ba7816bf"),
    ]  # fmt: skip


def test_webhook_address_is_what_is_entered_at_the_provider(settings):
    settings.OPS_BASE_URL = "https://ops.example.com"
    found = [credentials.webhook_address(one) for one in providers.all_providers()]
    assert found == ["https://ops.example.com/api/webhooks/stripe", "https://ops.example.com/api/webhooks/mercadopago"]
