"""The embedded servers, on real processes that this test starts, kills and moves."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from opsportal import embedded
from opsportal.embedded import EmbeddedError, Place, Postgres
from tests.servers import remove, throwaway_folder

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def var():
    folder = throwaway_folder()
    yield folder
    for server in embedded.servers(folder):
        server.stop()
    remove(folder)


def rows(postgres: Postgres) -> list:
    with psycopg.connect(postgres.url(), autocommit=True) as sql:
        sql.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        sql.execute("INSERT INTO kept VALUES (1)")
        return sql.execute("SELECT n FROM kept").fetchall()


def test_postgres_killed_at_once_starts_again_with_its_data(var):
    postgres = Postgres(Place(var))
    postgres.start()
    assert rows(postgres) == [(1,)]
    os.kill(postgres.process(), signal.SIGKILL)
    postgres.start()
    assert rows(postgres) == [(1,), (1,)]


def test_postgres_starts_beside_a_stale_pid_of_a_living_process(var):
    postgres = Postgres(Place(var))
    postgres.start()
    postgres.stop()
    pid_file = Place(var).postgres_data() / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{pid_file.parent}\n0\n5432\n\n\n")
    postgres.start()
    assert rows(postgres) == [(1,)]


def test_postgres_follows_a_folder_that_was_moved_under_it(var):
    Postgres(Place(var)).start()
    moved = var.with_name(var.name + "-moved")
    var.rename(moved)
    postgres = Postgres(Place(moved))
    try:
        postgres.start()
        assert rows(postgres) == [(1,)]
        assert not Postgres(Place(var)).is_running()
    finally:
        postgres.stop()
        remove(moved)


def test_postgres_without_its_folder_is_ended_and_made_anew(var):
    postgres = Postgres(Place(var))
    postgres.start()
    assert rows(postgres) == [(1,)]
    shutil.rmtree(Place(var).postgres_data())
    postgres.start()
    assert rows(postgres) == [(1,)]


def test_a_half_made_folder_is_made_again(var):
    data = var / "postgres.making"
    data.mkdir()
    (data / "PG_VERSION").write_text("18\n")
    postgres = Postgres(Place(var))
    postgres.start()
    assert rows(postgres) == [(1,)]


def test_a_folder_of_another_version_is_refused(var):
    data = var / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match="was made by PostgreSQL 17 and this is 18"):
        Postgres(Place(var)).start()


def test_long_paths_and_spaces_do_no_harm(var):
    deep = var / ("a folder with spaces " * 3).strip() / ("x" * 90)
    deep.mkdir(parents=True)
    postgres, valkey = embedded.servers(deep)
    try:
        postgres.start()
        valkey.start()
        assert (rows(postgres), valkey.is_running()) == ([(1,)], True)
    finally:
        postgres.stop()
        valkey.stop()
        shutil.rmtree(Place(deep).sockets)
    assert (postgres.is_running(), valkey.is_running()) == (False, False)


@pytest.mark.skipif(os.getuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_folder_that_nobody_can_enter_gets_its_data_elsewhere(var):
    closed = var / "closed"
    closed.mkdir(mode=0o700)
    postgres = Postgres(Place(closed))
    postgres.start()
    assert rows(postgres) == [(1,)]
    data = (closed / "postgres").readlink()
    assert (data.parent, data.name.rpartition("-")[0]) == (Path("/var/tmp"), f"opsportal-{Place(closed).key}")
    postgres.stop()
    postgres.start()
    assert rows(postgres) == [(1,), (1,)]
    postgres.stop()
    remove(closed)


@pytest.mark.skipif(os.getuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_removed_folder_takes_its_data_elsewhere_with_it(var):
    closed = var / "closed"
    closed.mkdir(mode=0o700)
    postgres = Postgres(Place(closed))
    postgres.start()
    rows(postgres)
    old = postgres.place.postgres_data()
    # Not ours: it belongs to root, and our data to PostgreSQL's user.
    others = old.with_name(f"opsportal-{Place(closed).key}-others")
    others.mkdir()
    shutil.rmtree(closed)
    closed.mkdir(mode=0o700)
    try:
        postgres.start()
        assert rows(postgres) == [(1,)]
        assert (old.exists(), others.exists()) == (False, True)
    finally:
        postgres.stop()
        others.rmdir()
        remove(closed)


@pytest.mark.skipif(os.getuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_moved_folder_keeps_its_data_elsewhere(var):
    closed, moved = var / "closed", var / "moved"
    closed.mkdir(mode=0o700)
    postgres = Postgres(Place(closed))
    postgres.start()
    rows(postgres)
    postgres.stop()
    closed.rename(moved)
    closed.mkdir(mode=0o700)
    try:
        Postgres(Place(moved)).start()
        Postgres(Place(moved)).stop()
        postgres.start()
        Postgres(Place(moved)).start()
        assert (rows(postgres), rows(Postgres(Place(moved)))) == ([(1,)], [(1,), (1,)])
    finally:
        for folder in (closed, moved):
            Postgres(Place(folder)).stop()
            remove(folder)


def manage(var: Path, *arguments: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**clean, "OPS_ENV": "dev", "OPS_VAR": str(var)}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_two_commands_at_once_share_servers_and_the_last_one_stops_them(var):
    code = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT 41 + 1'); print(k.fetchone()[0])"
    both = [manage(var, "shell", "--no-imports", "-c", code) for _ in range(2)]
    assert [(one.communicate(timeout=60), one.returncode) for one in both] == [(("42\n", ""), 0)] * 2
    deadline = time.monotonic() + 5
    while Postgres(Place(var)).is_running() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [server.is_running() for server in embedded.servers(var)] == [False, False]


def test_a_folder_that_cannot_be_made_is_one_clear_line():
    done = manage(Path("/proc/nowhere"), "check")
    out, said = done.communicate(timeout=60)
    assert (done.returncode, out) == (1, "")
    assert said == "OPS_VAR: /proc/nowhere cannot be used (No such file or directory); name a folder that can be written.\n"
