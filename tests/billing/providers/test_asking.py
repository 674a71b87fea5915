import socket
from collections.abc import Callable
from typing import Any

import pytest

from billing import providers
from billing.providers import Provider, asking
from billing.providers.asking import Line
from billing.report import CouldNotAsk
from tests.billing.conftest import Canned
from tests.receiver import receiving

SECRETS = ("sk_test_tests", "APP_USR-tests")
PATHS = {"stripe": "/v1/account", "mercadopago": "/users/me"}


@pytest.fixture(params=["stripe", "mercadopago"])
def provider(request: Any, canned: Canned) -> Provider:
    return providers.get(request.param)


def failed(ask: Callable[[], Any]) -> CouldNotAsk:
    with pytest.raises(CouldNotAsk) as error:
        ask()
    assert not any(secret in str(error.value) for secret in SECRETS)
    return error.value


@pytest.mark.parametrize(
    ("status", "code", "again"),
    [
        (400, "broken", False), (401, "refused_token", True), (402, "broken", False), (403, "refused_token", True), (409, "broken", False),
        (429, "too_many", True), (500, "broken", True), (502, "broken", True), (503, "broken", True), (301, "broken", False), (204, "broken", True),
    ],
)  # fmt: skip
def test_every_status_that_is_no_answer_is_said_in_words(provider, canned, status, code, again):
    canned.says(PATHS[provider.name], {"error": {"message": "sk_test_tests APP_USR-tests"}} if status != 204 else b"", status=status)
    error = failed(provider.account)
    assert (error.code, error.again) == (code, again)
    assert str(error).startswith(provider.label)


def test_what_is_not_found_may_come_later_at_mercado_pago_only(provider, canned):
    assert (failed(provider.account).code, failed(provider.account).again) == ("not_found", provider.name == "mercadopago")


def test_redirect_is_not_followed(provider, canned):
    with receiving() as elsewhere:
        canned.says(PATHS[provider.name], {}, status=302, headers={"Location": f"{elsewhere.url}/"})
        failed(provider.account)
        assert elsewhere.requests == []


def test_answer_of_more_than_two_megabytes_is_left(provider, canned):
    canned.says(PATHS[provider.name], b'{"a": "' + b"a" * (2 * 1024 * 1024) + b'"}')
    error = failed(provider.account)
    assert (error.code, error.again) == ("broken", False)


def test_nobody_at_the_address_is_unreachable(provider, settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.STRIPE_API_BASE = settings.MERCADOPAGO_API_BASE = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert (failed(provider.account).code, failed(provider.account).again) == ("unreachable", True)


def test_name_without_an_address_is_unreachable(provider, settings):
    settings.STRIPE_API_BASE = settings.MERCADOPAGO_API_BASE = "http://nowhere.invalid"
    assert failed(provider.account).code == "unreachable"


def test_address_inside_is_not_called_where_the_settings_forbid_it(provider, canned, settings):
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = False
    assert failed(provider.account).code == "unreachable"
    assert canned.requests == []


def test_answer_that_does_not_come_is_too_slow(provider, settings, monkeypatch):
    monkeypatch.setattr(asking, "CALL_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.STRIPE_API_BASE = settings.MERCADOPAGO_API_BASE = f"http://127.0.0.1:{silent.getsockname()[1]}"
        error = failed(provider.account)
    assert (error.code, error.again) == ("timeout", True)


def test_question_ends_when_its_time_is_over(canned):
    line = Line("Stripe", "sk_test_tests", seconds=0)
    assert failed(lambda: line.get(f"{canned.url}/", {})).code == "timeout"
    assert canned.requests == []


def test_no_token_is_said_before_anything_is_called(provider, canned, settings):
    settings.STRIPE_SECRET_KEY = settings.MERCADOPAGO_ACCESS_TOKEN = ""
    assert not provider.is_configured()
    assert failed(provider.account).code == "no_token"
    assert canned.requests == []


@pytest.mark.parametrize("token", ["sk_test_tests\nX-Other: 1", "sk_test_tests é", "sk_test_tests here", "sk_test_tests\x00"])
def test_token_that_is_none_is_never_sent_and_never_quoted(provider, canned, settings, token):
    settings.STRIPE_SECRET_KEY = settings.MERCADOPAGO_ACCESS_TOKEN = token
    assert failed(provider.account).code == "refused_token"
    assert canned.requests == []


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"\xff", b"[1]"])
def test_account_that_makes_no_sense_is_said_to_make_none(provider, canned, body):
    canned.says(PATHS[provider.name], body)
    assert failed(provider.account).code == "broken"


def test_connections_are_kept_but_not_across_a_fork():
    assert asking._session_of(1) is asking._session_of(1)
    assert asking._session_of(1) is not asking._session_of(2)
