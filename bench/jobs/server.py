"""A durable PostgreSQL and a Valkey of the benchmark's own, with the portal's tables, and Django set up on them in this process."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

import psycopg

from opsportal import embedded

ROOT = Path(__file__).resolve().parent.parent.parent


class Server:
    """Use it in `with`. Django's modules can be imported only within."""

    def __enter__(self) -> Self:
        self.var = Path(tempfile.mkdtemp(prefix="opsportal-bench-"))
        self.var.chmod(0o755)
        embedded.hold(self.var, durable=True)
        postgres, valkey = embedded.servers(self.var)
        self.url = postgres.url()
        os.environ.pop("OPS_DB_POOL", None)
        os.environ |= {
            "OPS_ENV": "test", "OPS_VAR": str(self.var), "DATABASE_URL": self.url, "REDIS_URL": valkey.url(), "DJANGO_SETTINGS_MODULE": "opsportal.settings",
        }  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "--noinput"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        self.sql = psycopg.connect(self.url, autocommit=True)
        self.sql.execute("CREATE TABLE bench_effect (id bigserial PRIMARY KEY, number int NOT NULL)")
        self.sql.execute("CREATE TABLE bench_lock (id int PRIMARY KEY)")
        self.sql.execute("INSERT INTO bench_lock VALUES (1)")
        import django

        django.setup()
        # A line for each batch would be written into the figures.
        import logging

        logging.disable()
        return self

    def __exit__(self, *exc: object) -> None:
        self.sql.close()
        embedded.stop_if_last(self.var)
        shutil.rmtree(self.var, ignore_errors=True)
        shutil.rmtree(embedded.Place(self.var).sockets, ignore_errors=True)

    def clear(self) -> None:
        self.sql.execute("TRUNCATE bench_effect RESTART IDENTITY")
        self.sql.execute("UPDATE jobs_lease SET cursor = NULL")
        self.sql.execute("VACUUM ANALYZE bench_effect, jobs_lease, jobs_run")
        self.sql.execute("CHECKPOINT")

    def effects(self) -> tuple[int, int]:
        """(rows, different numbers)."""
        row = self.sql.execute("SELECT count(*), count(DISTINCT number) FROM bench_effect").fetchone()
        return (row[0], row[1]) if row else (0, 0)
