"""Real workers, killed in the middle: nothing half done, and done in the end."""

import os
import signal
from contextlib import suppress

import pytest

from tests.jobs.fleet import PATIENCE, Fleet, fleet_of

pytestmark = pytest.mark.slow
ROWS = 120
# A row that takes a while, so that there is a middle: of a chunk's rows, of the audit rows of applying.
SLOWLY = """
    CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.08); RETURN NEW; END $$;
    CREATE TRIGGER slowly BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION slowly();
"""
ASKED = '{"kind": "system", "id": "tests", "label": "tests", "reason": "new season"}'


@pytest.fixture
def fleet():
    with fleet_of({}) as fleet:
        fleet.worker("celery")
        yield fleet


def new_import(fleet: Fleet) -> int:
    content = b"name,brand\n" + b"".join(b"Tea %d,x\n" % number for number in range(ROWS))
    columns = "kind, file_name, content, state, created_by, asked"
    return int(
        fleet.one(f"INSERT INTO catalog_imports ({columns}) VALUES ('products', 'a.csv', %s, 'reading', 'tests', %s) RETURNING id", content, ASKED)
    )


def send(fleet: Fleet, job: int) -> None:
    fleet.send("catalog.tasks.work_on_import", job, queue="celery")


def state(fleet: Fleet, job: int) -> str:
    return str(fleet.one("SELECT state FROM catalog_imports WHERE id = %s", job))


def backend_of(fleet: Fleet, statement: str) -> int:
    """Wait until one of the database's processes runs such a statement."""
    return int(fleet.wait("SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE %s", f"%{statement}%"))


def kill_workers(fleet: Fleet) -> None:
    """All of them with their children, as a power cut does; then the database has nobody at the other end any more."""
    for process in fleet.processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def gone(fleet: Fleet, backend: int) -> None:
    fleet.wait("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = %s", backend)


def wait_for(fleet: Fleet, job: int, wanted: str) -> None:
    fleet.wait("SELECT state = %s FROM catalog_imports WHERE id = %s", wanted, job)


def test_worker_killed_while_it_reads_is_followed_by_another(fleet):
    fleet.write(SLOWLY.format(table="catalog_import_rows"))
    job = new_import(fleet)
    send(fleet, job)
    backend = backend_of(fleet, 'INSERT INTO "catalog_import_rows"')
    kill_workers(fleet)
    gone(fleet, backend)
    assert (state(fleet, job), fleet.one("SELECT count(*) FROM catalog_import_rows")) == ("reading", 0)
    fleet.write("DROP TRIGGER slowly ON catalog_import_rows")
    fleet.write("UPDATE catalog_imports SET heartbeat_at = clock_timestamp() - interval '121 seconds'")
    fleet.worker("celery")
    send(fleet, job)
    wait_for(fleet, job, "ready")
    assert fleet.rows("SELECT new, rows_read, (SELECT count(*) FROM catalog_import_rows) FROM catalog_imports") == [(ROWS, ROWS, ROWS)]


def test_worker_killed_while_it_applies_leaves_nothing_and_the_next_does_all(fleet):
    job = new_import(fleet)
    send(fleet, job)
    wait_for(fleet, job, "ready")
    fleet.write(SLOWLY.format(table="ops_audit_logs"))
    fleet.write("UPDATE catalog_imports SET state = 'applying', heartbeat_at = NULL")
    for _copy in range(3):
        send(fleet, job)
    backend = backend_of(fleet, "INSERT INTO ops_audit_logs")
    kill_workers(fleet)
    gone(fleet, backend)
    left = "SELECT (SELECT count(*) FROM products), (SELECT count(*) FROM ops_audit_logs WHERE action_type IN ('UPSERT_PRODUCT', 'APPLY_IMPORT'))"
    assert (state(fleet, job), fleet.rows(left)) == ("applying", [(0, 0)])
    fleet.write("DROP TRIGGER slowly ON ops_audit_logs")
    fleet.worker("celery", processes=2)
    # As the sweep does; what the broker gives again is one message more.
    for _copy in range(3):
        send(fleet, job)
    wait_for(fleet, job, "applied")
    assert fleet.rows(left) == [(ROWS, ROWS + 1)]
