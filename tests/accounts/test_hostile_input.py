"""What no browser sends and a scanner does: refused, never broken."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import Person
from tests.signing_in import sign_in

CREDENTIALS = (
    "9" * 5000,
    "[" * 200_000,
    '{"a":' * 100_000,
    "null",
    "[]",
    '{"id":1}',
    '{"id":"\x00"}',
    '{"id":"a","rawId":"a","type":"public-key","response":{}}',
)
PATHS = ("/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/reauthenticate/", "/accounts/2fa/webauthn/add/")


def answer(client: Client, path: str, data: dict[str, str] | None = None, **headers: Any) -> int:
    client.raise_request_exception = False
    with transaction.atomic():
        client.get(path)
        response = client.get(path, **headers) if data is None else client.post(path, data, **headers)
        transaction.set_rollback(True)
    return int(response.status_code)


@pytest.mark.parametrize("credential", CREDENTIALS, ids=range(len(CREDENTIALS)))
@pytest.mark.parametrize("path", PATHS)
def test_credential_of_any_shape_is_refused(client: Client, owner: Person, path: str, credential: str) -> None:
    if "login" not in path:
        sign_in(client, owner)
    assert answer(client, path, {"credential": credential, "name": "a"}) < 500


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_COOKIE": 'ops_session="aaaaaaaaaa\\000bbb"'},
        {"HTTP_COOKIE": "ops_session=" + "x" * 5000},
        {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://[bad"},
        {"HTTP_REFERER": "http://[bad"},
    ],
    ids=["NUL in the session's cookie", "long session's cookie", "htmx's page that is none", "referer that is none"],
)
@pytest.mark.parametrize("data", [None, {}], ids=["get", "post"])
def test_headers_of_any_shape_lead_to_the_door(client: Client, db: None, headers: dict[str, str], data: dict[str, str] | None) -> None:
    assert answer(client, "/ops/", data, **headers) < 400
