"""The fail-fast backend, with a server that is really stopped and started."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from opsportal import embedded

ROOT = Path(__file__).resolve().parents[2]
AWAY = "django.db.utils.OperationalError"


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.Postgres]:
    var = Path(tempfile.mkdtemp(prefix="opsportal-test-"))
    var.chmod(0o755)
    postgres, _valkey = embedded.servers(var, durable=False)
    postgres.start()
    yield postgres
    postgres.stop()
    shutil.rmtree(postgres.place.sockets, ignore_errors=True)
    shutil.rmtree(var, ignore_errors=True)


@pytest.fixture
def client(server: embedded.Postgres) -> Iterator[Callable[[str], Any]]:
    """A process with a pool of 10 connections; the function sends it a command and returns its answer."""
    env = os.environ | {"DATABASE_URL": server.url(), "OPS_DB_POOL": "10", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("postgres_client.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
        cwd=ROOT,
    )
    commands, answers = process.stdin, process.stdout
    assert commands is not None
    assert answers is not None

    def send(command: str) -> Any:
        commands.write(command + "\n")
        commands.flush()
        return json.loads(answers.readline())

    yield send
    commands.close()
    process.wait(timeout=20)
    answers.close()


@pytest.mark.slow
def test_fifty_threads_get_their_answer_while_the_server_is_away_and_work_a_second_after_it_is_back(server, client):
    assert client("ask 50")["answers"] == ["ok"]
    server.stop()
    first = client("ask 50")
    assert (first["answers"], first["count"]) == ([AWAY], 50)
    second = client("ask 50")
    assert second["answers"] == [AWAY]
    # Nobody waits for the pool's timeout a second time.
    assert second["slowest"] < first["slowest"]

    # Eight threads that ask without pause for 3.5 s try 4 times at most, one a second.
    assert 1 <= client("steady 3.5")["tries"] <= 4

    server.start()
    time.sleep(1.1)
    # The one whose turn it is finds the server; the rest of its wave may still be told to wait.
    client("ask 1")
    assert client("ask 50")["answers"] == ["ok"]


def test_a_pool_in_full_use_is_no_outage(server, client):
    # 10 connections for 2 s each: 5 of 15 threads wait in vain for 1.5 s, and nobody after them is refused.
    answer = client("hold 15 2")
    assert answer["answers"] == [AWAY, "ok"]
    assert answer["after"] == "ok"
