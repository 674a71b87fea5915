"""Two clients of the database at one key at the same moment: the counter must agree with the rows, whoever commits first."""

import contextlib
import threading
import time
from typing import Any

import psycopg
import pytest

from beta.models import Household, Program

ADD_OR_NOTHING = "INSERT INTO households (household_key, email) VALUES ('k', 'b@example.com') ON CONFLICT DO NOTHING"
# What takes the key without taking a seat.
TAKES_THE_KEY = {
    "removed household": "INSERT INTO households (household_key, email, status) VALUES ('k', 'a@example.com', 'removed')",
    "renamed household": "UPDATE households SET household_key = 'k' WHERE household_key = 'other'",
    "removed household renamed": "UPDATE households SET household_key = 'k' WHERE household_key = 'gone'",
}


def counted() -> tuple[int, int]:
    return Program.objects.get().seats_taken, Household.objects.filter(status="active").count()


@pytest.mark.parametrize("takes_the_key", TAKES_THE_KEY.values(), ids=TAKES_THE_KEY)
def test_key_taken_at_the_same_moment_loses_no_seat(connect: Any, takes_the_key: str) -> None:
    first, second = connect(), connect(autocommit=True)
    second.execute("INSERT INTO households (household_key, email) VALUES ('other', 'o@example.com')")
    second.execute("INSERT INTO households (household_key, email, status) VALUES ('gone', 'g@example.com', 'removed')")
    first.execute(takes_the_key)
    waiting = threading.Thread(target=_try, args=(second, ADD_OR_NOTHING))
    waiting.start()
    time.sleep(0.3)
    first.commit()
    waiting.join(10)
    assert counted() == (1, 1)
    assert Household.objects.filter(household_key="k").count() == 1


def _try(sql: Any, statement: str) -> None:
    with contextlib.suppress(psycopg.errors.SerializationFailure):
        sql.execute(statement)
