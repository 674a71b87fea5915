"""What hundreds of tests of the same kind share: made once for a file, each test in a savepoint above it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from accounts.models import Person
from tests.factories import make_person
from tests.signing_in import sign_in

# Every test finds it fresh, however long the file takes.
AHEAD_SECONDS = 86_400


@pytest.fixture(scope="module")
def shared_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database for fixtures of a whole file; nothing is left of it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def people(shared_rows: None) -> dict[str, Person]:
    """The roles that the checks sign in as, or name."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        return {role: make_person(role=role) for role in ("cto", "support", "viewer")}


@pytest.fixture(scope="module")
def cookies(people: dict[str, Person]) -> dict[str, dict[str, str]]:
    """Their sessions, by role."""
    clients = {role: sign_in(Client(), person, seconds_ago=-AHEAD_SECONDS) for role, person in people.items()}
    return {role: {name: morsel.value for name, morsel in client.cookies.items()} for role, client in clients.items()}


@pytest.fixture
def signed_in(cookies: dict[str, dict[str, str]], db: None) -> Callable[..., Client]:
    """`signed_in("cto")`: a client of that role's session, which no other test has."""

    def client_of(role: str, **options: Any) -> Client:
        client = Client(**options)
        client.cookies.load(cookies[role])
        return client

    return client_of
