"""Foreign clients of the database, who know nothing of the portal and seat households in every way that SQL has."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

import psycopg

from tests.live import LivePortal

SQL = psycopg.Connection[Any]
_numbers = itertools.count(1)
INSERT = "INSERT INTO households (household_key, email) VALUES (%s, 'rough@example.com')"
# What the gate says when it refuses, and what PostgreSQL says to those who get in each other's way.
EXPECTED = ("OPS01", "OPS02", "40001", "40P01", "23505", "55P03")


def _key() -> str:
    return f"rough-{next(_numbers)}"


def insert(sql: SQL) -> None:
    sql.execute(INSERT, [_key()])


def insert_in_a_transaction(sql: SQL) -> None:
    with sql.transaction():
        sql.execute(INSERT, [_key()])
        sql.execute(INSERT, [_key()])


def insert_and_roll_back(sql: SQL) -> None:
    with sql.transaction(force_rollback=True):
        sql.execute(INSERT, [_key()])


def insert_many(sql: SQL) -> None:
    sql.execute(
        "INSERT INTO households (household_key, email) VALUES (%s, 'x@example.com'), (%s, 'x@example.com'), (%s, 'x@example.com')",
        [_key(), _key(), _key()],
    )


def insert_or_nothing(sql: SQL) -> None:
    same = _key()
    for _ in range(2):
        sql.execute(f"{INSERT}, (%s, 'x@example.com') ON CONFLICT DO NOTHING", [same, same])


def insert_or_update(sql: SQL) -> None:
    sql.execute(f"{INSERT} ON CONFLICT (household_key) DO UPDATE SET email = 'again@example.com', status = 'active'", [f"rough-{next(_numbers) % 7}"])


def copy(sql: SQL) -> None:
    with sql.cursor() as cursor, cursor.copy("COPY households (household_key, email) FROM STDIN") as into:
        into.write_row((_key(), "copied@example.com"))
        into.write_row((_key(), "copied@example.com"))


def remove(sql: SQL) -> None:
    sql.execute(
        "UPDATE households SET status = 'removed' WHERE id IN (SELECT id FROM households WHERE status = 'active' AND source = 'sql' LIMIT 3 FOR UPDATE SKIP LOCKED)"
    )


def reactivate(sql: SQL) -> None:
    sql.execute(
        "UPDATE households SET status = 'active' WHERE id IN (SELECT id FROM households WHERE status = 'removed' LIMIT 2 FOR UPDATE SKIP LOCKED)"
    )


def delete(sql: SQL) -> None:
    sql.execute("DELETE FROM households WHERE id IN (SELECT id FROM households WHERE source = 'sql' LIMIT 2 FOR UPDATE SKIP LOCKED)")


WAYS: tuple[Callable[[SQL], None], ...] = (
    insert, insert_in_a_transaction, insert_and_roll_back, insert_many, insert_or_nothing, insert_or_update, copy, remove, reactivate, delete,
)  # fmt: skip


class RoughClients:
    """`with RoughClients(portal)`: one connection for each way, over and over. `done` counts what went through, `surprises` what nobody expected."""

    def __init__(self, portal: LivePortal) -> None:
        self.portal = portal
        self.done: Counter[str] = Counter({way.__name__: 0 for way in WAYS})
        self.surprises: list[str] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(way,), daemon=True) for way in WAYS]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, way: Callable[[SQL], None]) -> None:
        with self.portal.connect(autocommit=True) as sql:
            while not self._over.wait(0.01):
                try:
                    way(sql)
                    self.done[way.__name__] += 1
                except psycopg.Error as error:
                    if error.sqlstate not in EXPECTED:
                        self.surprises.append(f"{way.__name__}: {error.sqlstate} {error}")
