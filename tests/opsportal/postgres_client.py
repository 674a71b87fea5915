"""Run by test_postgres.py in a process of its own, with DATABASE_URL and OPS_DB_POOL set: requests from many threads.

Reads one command a line from standard input, answers one JSON line each: `ask N` opens N connections from N threads at
once; `hold N SECONDS` keeps N connections for a time while one more is asked for.
"""

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")

import django

django.setup()

from django.db import connection  # noqa: E402

tries: list[float] = []


def count_tries() -> None:
    """Note each attempt to connect beside the pool."""
    database: Any = connection.Database  # type: ignore[attr-defined]
    real = database.connect

    def noted(**params):
        tries.append(time.monotonic())
        return real(**params)

    database.connect = noted


def ask(seconds: float = 0) -> tuple[str, float]:
    began = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [seconds])
        answer = "ok"
    except Exception as error:
        answer = f"{type(error).__module__}.{type(error).__name__}"
    finally:
        connection.close()
    return answer, time.monotonic() - began


def many(count: int, seconds: float = 0) -> dict[str, object]:
    together = threading.Barrier(count)

    def one(_number: int) -> tuple[str, float]:
        together.wait()
        return ask(seconds)

    with ThreadPoolExecutor(count) as threads:
        answers = list(threads.map(one, range(count)))
    return {"answers": sorted({answer for answer, _ in answers}), "count": len(answers), "slowest": max(taken for _, taken in answers)}


def steady(seconds: float) -> dict[str, object]:
    """Eight threads that ask without pause, and how many attempts to connect they made together."""
    tries.clear()
    until = time.monotonic() + seconds

    def one(_number: int) -> None:
        while time.monotonic() < until:
            ask()
            time.sleep(0.01)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(8)))
    return {"tries": len(tries)}


def main() -> None:
    count_tries()
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "ask":
            answer = many(int(numbers[0]))
        elif command == "steady":
            answer = steady(float(numbers[0]))
        else:
            answer = many(int(numbers[0]), float(numbers[1])) | {"after": ask()[0]}
        print(json.dumps(answer), flush=True)


main()
