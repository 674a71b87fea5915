"""Two desks, a small and a big one: databases beside each other on one server, one connection kept to each, as the web server's pool keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import psycopg

from bench._database import Database


@dataclass(slots=True)
class Desk:
    name: str
    url: str
    # Django's connection to it.
    connection: Any
    cookie: str = ""


def desks(database: Database) -> tuple[Desk, Desk]:
    """The server's own database, and a copy of it as it is: both have the portal's tables and nothing else."""
    database.sql.close()
    maintenance = database.url.replace("/opsportal?", "/postgres?")
    with psycopg.connect(maintenance, autocommit=True) as server:
        server.execute("CREATE DATABASE small TEMPLATE opsportal STRATEGY file_copy")
    database.sql = psycopg.connect(database.url, autocommit=True)
    big = Desk("big", database.url, _connection("opsportal"))
    return Desk("small", database.url.replace("/opsportal?", "/small?"), _connection("small")), big


def _connection(name: str) -> Any:
    from django.db import DEFAULT_DB_ALIAS, connections

    made = connections.create_connection(DEFAULT_DB_ALIAS)
    # It stays open between two requests, and is not asked each time whether it still is.
    made.settings_dict = deepcopy(made.settings_dict) | {"NAME": name, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
    return made


@contextmanager
def sitting_at(desk: Desk) -> Iterator[None]:
    """Within it, Django talks to this desk's database, in this thread and in those that are started meanwhile."""
    from django.db import DEFAULT_DB_ALIAS, connections

    connections.settings[DEFAULT_DB_ALIAS]["NAME"] = desk.connection.settings_dict["NAME"]
    connections[DEFAULT_DB_ALIAS] = desk.connection
    yield
