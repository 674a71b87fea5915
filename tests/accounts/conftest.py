import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from audit.actors import Actor, ActorKind

ACTOR = Actor(ActorKind.PERSON, "0", "a colleague")


@pytest.fixture
def actor() -> Actor:
    return ACTOR


@pytest.fixture
def at_once(transactional_db: None) -> Callable[..., list[Any]]:
    """Runs the calls at the same moment, each on a database connection of its own; gives results or exceptions in order."""

    def run(*calls: Callable[[], Any]) -> list[Any]:
        results: list[Any] = [None] * len(calls)
        gate = threading.Barrier(len(calls))

        def one(number: int, call: Callable[[], Any]) -> None:
            try:
                connection.ensure_connection()
                gate.wait(5)
                results[number] = call()
            except Exception as error:
                results[number] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return results

    return run
