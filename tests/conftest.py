import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection, transaction
from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate

from accounts.models import Person
from tests.factories import make_person

pytest_plugins = ["tests.live"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: begun last, one of them would keep a single process busy long after the others are done."""
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in slow)


# Always the same: Django would write them anew after every flush, row by row.
CONSTANT = {"django_content_type", "auth_permission"}


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_triggers() -> Iterator[None]:
    """Tests with real transactions are cleaned by deleting, which the triggers refuse; the owner may lift them for it.

    Django would TRUNCATE all tables, which makes a new file for each of them and of their indexes; most are empty.
    """
    truncate = DatabaseOperations.execute_sql_flush

    def lifted(self: DatabaseOperations, sql_list: list[str]) -> Any:
        post_migrate.disconnect(create_contenttypes)
        post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
        tables = sorted(set(re.findall(r'"(\w+)"', " ".join(sql_list))) - CONSTANT)
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in tables))
            dirty = [table for (table,) in cursor.fetchall()]
            cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'A'")
            always = [(table, trigger) for table, trigger in cursor.fetchall() if table in dirty]
            for table, trigger in always:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            # Foreign keys are triggers too: the order does not matter.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in dirty:
                cursor.execute(f'DELETE FROM "{table}"')
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute("INSERT INTO beta_programs (id) VALUES (1) ON CONFLICT DO NOTHING")
            for table, trigger in always:
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")

    DatabaseOperations.execute_sql_flush = lifted  # type: ignore[method-assign, assignment]
    yield
    DatabaseOperations.execute_sql_flush = truncate  # type: ignore[method-assign, assignment]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """One of the run's processes migrates, the others copy."""
    # Not above: as a plugin, pytest reads it itself.
    from tests.live import ensure_template

    if "PYTEST_XDIST_WORKER" in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = ensure_template()


@pytest.fixture(autouse=True, scope="session")
def _drop_the_test_database_with_force() -> None:
    """On a busy machine the sessions of a test that has just ended may not be gone yet. Stays until the process ends: pytest-django drops last."""

    def drop(self: DatabaseCreation, name: str, verbosity: int) -> None:
        with self._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f"DROP DATABASE {self.connection.ops.quote_name(name)} WITH (FORCE)")

    DatabaseCreation._destroy_test_db = drop  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _somebody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first-run page is for an empty portal; the tests of it lift this."""
    monkeypatch.setattr("accounts.queries._somebody", True)


@pytest.fixture(autouse=True)
def _webhooks_are_taken_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes on in the background of a test: no worker is told of an event, and every refusal is counted at once."""
    monkeypatch.setattr("billing.intake.telling.is_on", False)
    monkeypatch.setattr("billing.intake.refusing.EVERY_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def _lines_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread has a connection of its own, which doesn't see what a test hasn't committed."""
    monkeypatch.setattr("review.reading.in_threads", False)


@pytest.fixture
def owner(db: None) -> Person:
    """The CTO."""
    return make_person(role="cto", name="Ana Souza")


@pytest.fixture
def operator(db: None) -> Person:
    """The engineer."""
    return make_person(role="engineer", name="Diego Rocha")


@pytest.fixture
def support(db: None) -> Person:
    return make_person(role="support", name="Carla Mendes")


@pytest.fixture
def viewer(db: None) -> Person:
    return make_person(role="viewer", name="Vera Lopes")


@pytest.fixture
def other_connections() -> Iterator[list[Any]]:
    """Connections of a foreign client of the same database; closed after the test. Append what you open."""
    opened: list[Any] = []
    yield opened
    for one in opened:
        one.close()


@pytest.fixture
def connect(transactional_db: None, other_connections: list[Any]) -> Any:
    """Opens a raw psycopg connection to the test database, like a product that shares it."""
    import psycopg

    def open_connection(**options: Any) -> psycopg.Connection[Any]:
        params = connection.get_connection_params()
        wanted = {key: params[key] for key in ("dbname", "user", "host", "password", "port") if params.get(key)}
        opened: psycopg.Connection[Any] = psycopg.connect(**wanted, **options)
        other_connections.append(opened)
        return opened

    return open_connection
