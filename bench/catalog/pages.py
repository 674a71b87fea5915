"""The list of offers as a signed-in person gets it, at a thousand and at a million offers, with each of its filters."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from bench._database import ROOT, Database
from bench.catalog import seed

FEW, MANY = 1_000, 1_000_000
GROWTH = 1.25
PAGE = "/ops/offers/"
# The bar is on the page as it opens; the filters are measured beside it.
ASKED = {
    "all": "",
    "store": "?store=3",
    "category": "?category=category-7",
    "bucket": "?bucket=risky",
    "search": "?q=offer+4f2a",
    "short search": "?q=of",
    "stale": "?stale=1",
    "out of stock": "?out_of_stock=1",
    "overridden": "?overridden=1",
    "alerting": "?alerting=1",
    "held": "?held=1",
    "failing": "?failing=1",
    "archived": "?archived=1",
    "store, bucket, stale": "?store=3&bucket=risky&stale=1",
    "failing, at a store": "?store=3&failing=1",
}

# About sixty of each kind.
KINDS = (
    """UPDATE offers SET failures = 3, error_code = 'timeout', error = 'No answer within 10 s.'
       WHERE id IN (SELECT generate_series(%(step)s::bigint, %(most)s, %(step)s))""",
    "UPDATE offers SET held_price = 100, held_at = now() WHERE id IN (SELECT 1 + generate_series(%(step)s::bigint, %(most)s, %(step)s))",
    "UPDATE offers SET status = 'archived' WHERE id IN (SELECT 2 + generate_series(%(step)s::bigint, %(most)s, %(step)s))",
    """INSERT INTO offer_overrides (offer_id, field, amount, tracked_amount, reason, created_by)
       SELECT 3 + n, 'price', 4000, 5000, 'seen', 'bench' FROM generate_series(%(step)s::bigint, %(most)s - 3, %(step)s) n""",
    "INSERT INTO households (household_key, email) SELECT 'h' || n, 'h' || n || '@example.com' FROM generate_series(1, 60) n",
    """INSERT INTO price_alerts (id, household_id, product_id, target_price, currency, channel, cooldown_hours)
       SELECT gen_random_uuid(), id, %(step)s::bigint / 5 * number, 100, 'BRL', 'push', 24
       FROM (SELECT id, row_number() OVER () AS number FROM households) h""",
)


def fill(database: Database, offers: int) -> None:
    """Offers with some of each kind that the filters ask for: as many of a million as of a thousand, as on a desk that is kept."""
    seed.stores(database)
    with built_afterwards(database, "offers"):
        seed.offers(database, 1, offers)
    for statement in KINDS:
        database.sql.execute(statement, {"step": offers // 60, "most": offers})
    database.sql.execute("VACUUM ANALYZE")


@contextmanager
def built_afterwards(database: Database, table: str) -> Iterator[None]:
    """Without the table's indexes and foreign keys meanwhile: a million rows are in within a minute instead of twenty."""
    found = database.sql.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisunique", [table]
    ).fetchall()
    for name, _definition in found:
        database.sql.execute(f"DROP INDEX {name}")
    database.sql.execute("SET session_replication_role = replica")
    yield
    database.sql.execute("SET session_replication_role = DEFAULT")
    database.sql.execute("SET maintenance_work_mem = '512MB'")
    for _name, definition in found:
        database.sql.execute(definition)


class Beside(Database):
    """Another database on the same server, with the portal's tables."""

    def __init__(self, server: Database, name: str) -> None:
        server.sql.execute(f"CREATE DATABASE {name}")
        self.url = server.url.replace("/opsportal?", f"/{name}?")
        environment = {**os.environ, "DATABASE_URL": self.url}
        subprocess.run([sys.executable, "manage.py", "migrate", "--noinput"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        self.sql = psycopg.connect(self.url, autocommit=True)


def run(database: Database, *, quick: bool) -> Iterator[tuple[bool, str]]:
    sizes = {"few": Beside(database, "few"), "many": database}
    fill(sizes["few"], FEW)
    fill(database, MANY // 10 if quick else MANY)
    people = {size: visitor(one) for size, one in sizes.items()}
    times: dict[str, dict[str, list[float]]] = {name: {"few": [], "many": []} for name in ASKED}
    for number in range(8 if quick else 25):
        for size, one in sizes.items():
            look_at(one)
            for name, query in ASKED.items():
                spent = asked(people[size], PAGE + query)
                # The first rounds only warm up.
                if number > 2:
                    times[name][size].append(spent)
    for name, found in times.items():
        few, many = (statistics.median(found[size]) * 1000 for size in sizes)
        ratio = statistics.median(most / least for least, most in zip(found["few"], found["many"], strict=True))
        print(f"{name:<24}{few:>8.1f} ms {many:>8.1f} ms {ratio:>8.2f} ×")
        if name == "all":
            yield ratio <= GROWTH, f"pages: {ratio:.2f} × the time at {FEW:,} offers, bar {GROWTH}"
    sizes["few"].sql.close()


def look_at(database: Database) -> None:
    """From here on Django talks to this database."""
    from django.db import connection

    name = database.sql.info.dbname
    if connection.settings_dict["NAME"] != name:
        connection.close()
        connection.settings_dict["NAME"] = name


def visitor(database: Database) -> Any:
    """A browser in which an engineer is signed in."""
    from django.test import Client

    from accounts.models import Person

    look_at(database)
    client = Client(headers={"host": "localhost"})
    client.force_login(Person.objects.create(email="bench@example.com", name="Bench", role="engineer"))
    return client


def asked(client: Any, path: str) -> float:
    """Seconds until the page is there."""
    began = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, path
    return time.perf_counter() - began
