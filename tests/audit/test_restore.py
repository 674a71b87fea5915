"""The chain in another server: dumped, restored where transactions' numbers begin anew, checked, gone on with."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from audit.models import AuditLog, AuditSeal
from opsportal import embedded
from opsportal.embedded.binaries import postgres_programs
from tests.audit.chains import sealed, write
from tests.audit.test_append_only import INSERT
from tests.live import ROOT
from tests.servers import remove, throwaway_folder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Restored:
    """A server of its own with the dump of the test's database."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.postgres = embedded.servers(var, durable=False)[0]

    def load(self) -> None:
        """Dump what is there now, and restore it in one transaction."""
        programs, as_user = postgres_programs(self.postgres.place), self.postgres.place.as_postgres_user()
        source = connection.get_connection_params()
        url = psycopg.conninfo.make_conninfo("", **{key: source[key] for key in ("dbname", "user", "host", "password", "port") if source.get(key)})
        dumped = subprocess.run([programs / "pg_dump", "--format=custom", "-d", url], check=True, capture_output=True, cwd="/", **as_user).stdout
        restore = [str(programs / "pg_restore"), "--single-transaction", "--no-owner", "-d", self.postgres.url()]
        subprocess.run(restore, input=dumped, check=True, capture_output=True, cwd="/", **as_user)

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.postgres.url())

    def one(self, sql: str) -> Any:
        with self.connect() as opened:
            row = opened.execute(sql).fetchone()  # type: ignore[call-overload]
            return row and row[0]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DATABASE_URL": self.postgres.url(), "OPS_VAR": str(self.var), "OPS_TIME_ZONE": "Asia/Tokyo"}
        return subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)

    def restart(self) -> None:
        self.postgres.stop()
        self.postgres.start()

    def write_and_seal(self) -> None:
        with self.connect() as sql:
            sql.execute(INSERT)
        self.manage("seal_audit")

    def check(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        done = self.manage("verify_audit", "--json", *arguments)
        return done.returncode, json.loads(done.stdout)


@pytest.fixture
def restored() -> Iterator[Restored]:
    var = throwaway_folder()
    embedded.hold(var, durable=False, kinds=(embedded.Postgres,))
    try:
        yield Restored(var)
    finally:
        embedded.stop_if_last(var)
        remove(var)


def test_a_restored_chain_is_whole_goes_on_and_still_finds_what_is_altered(restored, connect, settings, tmp_path):
    settings.OPS_SEAL_FILE = left = tmp_path / "heads.log"
    for _ in range(600):
        connect_burns_a_number()
    open_at_the_dump, rolled_back = connect(), connect()
    open_at_the_dump.execute(INSERT)
    ids, _seal = sealed(5)
    rolled_back.execute(INSERT)
    sealed(5)
    rolled_back.rollback()
    waiting = write(2)
    restored.load()
    open_at_the_dump.rollback()

    code, report = restored.check("--heads", str(left))
    assert (code, report["findings"], report["seals"], report["rows"], report["heads"], report["waiting"]) == (0, [], 2, 10, 2, 2)
    assert report["head"] == bytes(AuditSeal.objects.get(number=2).head).hex()

    with restored.connect() as sql:
        sql.execute(INSERT)
    assert restored.one("SELECT transaction FROM ops_audit_logs ORDER BY id DESC LIMIT 1") < AuditLog.objects.get(pk=ids[0]).transaction
    assert restored.manage("seal_audit").stdout == "Rows sealed: 3, in seals: 1, the last: #3.\n"
    assert restored.one("SELECT members::text FROM ops_audit_seals WHERE number = 3") == f"{{[{waiting[0]},{waiting[1] + 2})}}"
    assert restored.one("SELECT settled FROM ops_audit_seals WHERE number = 3") == ids[0] + 10
    with restored.connect() as sql:
        sql.execute(INSERT)
    restored.manage("seal_audit")
    code, report = restored.check("--heads", str(left), "--heads", str(restored.var / "audit-seals.log"))
    assert (code, report["findings"], report["seals"], report["rows"], report["heads"], report["waiting"]) == (0, [], 4, 14, 4, 0)

    with restored.connect() as sql:
        sql.execute("ALTER TABLE ops_audit_logs DISABLE TRIGGER USER")
        sql.execute("UPDATE ops_audit_logs SET reason = 'another' WHERE id = %s", [ids[3]])
    code, report = restored.check()
    assert (code, report["findings"][-1]["kind"], report["findings"][-1]["ids"], report["found"]) == (1, "row_altered", [ids[3]], 4)


def connect_burns_a_number() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


def test_a_prepared_transaction_is_awaited_under_the_name_it_has_after_a_restart(restored):
    write()
    with psycopg.connect(restored.postgres.url(), autocommit=True) as sql:
        sql.execute("ALTER SYSTEM SET max_prepared_transactions = 4")
    restored.restart()
    restored.load()
    foreign = restored.connect()
    held = foreign.execute(f"{INSERT} RETURNING id").fetchone()[0]
    restored.write_and_seal()
    foreign.execute("PREPARE TRANSACTION 'theirs'")
    foreign.close()
    restored.restart()
    restored.write_and_seal()
    with psycopg.connect(restored.postgres.url(), autocommit=True) as sql:
        sql.execute("COMMIT PREPARED 'theirs'")
    restored.manage("seal_audit")
    assert restored.one("SELECT members::text FROM ops_audit_seals ORDER BY number DESC LIMIT 1") == f"{{[{held},{held + 1})}}"
