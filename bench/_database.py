"""A durable PostgreSQL and a Valkey of a benchmark's own, with the portal's tables, and Django set up on them in this process."""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

import psycopg

from opsportal import embedded

ROOT = Path(__file__).resolve().parent.parent


class Database:
    """Use it in `with`. Django's modules can be imported only within. Without `durable` nothing waits for the disk: where only reading is measured."""

    def __init__(self, *, durable: bool = True) -> None:
        self.durable = durable

    def __enter__(self) -> Self:
        self.var = Path(tempfile.mkdtemp(prefix="opsportal-bench-"))
        self.var.chmod(0o755)
        embedded.hold(self.var, durable=self.durable)
        postgres, valkey = embedded.servers(self.var)
        self.url = postgres.url()
        os.environ.pop("OPS_DB_POOL", None)
        os.environ |= {
            "OPS_ENV": "test", "OPS_VAR": str(self.var), "DATABASE_URL": self.url, "REDIS_URL": valkey.url(), "DJANGO_SETTINGS_MODULE": "opsportal.settings",
        }  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "--noinput"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        self.sql = psycopg.connect(self.url, autocommit=True)
        import django

        django.setup()
        # A line for each batch would be written into the figures.
        logging.disable()
        return self

    def __exit__(self, *exc: object) -> None:
        self.sql.close()
        embedded.stop_if_last(self.var)
        shutil.rmtree(self.var, ignore_errors=True)
        shutil.rmtree(embedded.Place(self.var).sockets, ignore_errors=True)
