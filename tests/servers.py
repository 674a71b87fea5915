"""Throwaway servers for the test run. Loaded by `-p tests.servers`, before Django reads its settings.

With DATABASE_URL / REDIS_URL set, nothing is started. Workers of xdist inherit the addresses from their controller.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

os.environ.setdefault("OPS_ENV", "test")
_started: Path | None = None


def _start() -> None:
    global _started
    from opsportal import embedded

    var = Path(tempfile.mkdtemp(prefix="opsportal-test-"))
    var.chmod(0o755)
    embedded.hold(var, durable=False)
    postgres, valkey = embedded.servers(var)
    os.environ["DATABASE_URL"] = postgres.url()
    os.environ["REDIS_URL"] = valkey.url()
    os.environ["OPS_VAR"] = str(var)
    _started = var


if "DATABASE_URL" not in os.environ and "PYTEST_XDIST_WORKER" not in os.environ:
    _start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    from opsportal import embedded

    if _started and "PYTEST_XDIST_WORKER" not in os.environ:
        embedded.stop_if_last(_started)
        shutil.rmtree(_started, ignore_errors=True)
        shutil.rmtree(embedded.Place(_started).sockets, ignore_errors=True)
