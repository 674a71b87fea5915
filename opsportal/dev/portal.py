"""The steps of bin/dev, in order."""

import io
import os
import secrets
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import django
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from opsportal import embedded, environment
from opsportal.dev import outside
from opsportal.dev.parts import Part, Parts, lock_or_refuse
from opsportal.environment import Env, refuse

# Easy to read out and to type: no 0 and o, no 1 and l.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
STARTS_WITHIN = 60


def run(*, sample: bool) -> None:
    """Bring everything up and watch it until a signal. Ends the process with one line when a part can't be had."""
    if settings.OPS_ENV is not Env.DEV:
        refuse("OPS_ENV", f"bin/dev is for development, not for “{settings.OPS_ENV}”; README.md says how to run production.")
    var: Path = settings.OPS_VAR
    _make_var(var)
    port = environment.integer("PORT", 8000, least=1, most=65535)
    bind = environment.text("OPS_BIND") or "127.0.0.1"
    with lock_or_refuse(var):
        shops = kept_port(var, "shops-port", port + 1) if sample else None
        providers = kept_port(var, "providers-port", port + 2) if sample else None
        parts = Parts(var, _parts(var, shops, providers))
        parts.end_orphans()
        refuse_busy_port(bind, port)
        _say("Starting.")
        embedded.hold_needed(settings)
        people = _prepare(var, shops)
        with outside.announced(var, providers), _stopped_at_the_end(parts):
            # The web first: three of them importing everything at once would keep people waiting.
            parts.start("web")
            _wait_for_answer(parts, bind, port)
            parts.start("beat", "worker", "jobs")
            _start_beside(parts, "shops", shops, "the sample shops are away, and the price tracker finds no page.")
            _start_beside(parts, "providers", providers, "the stand-in payment providers are away, and no checkout can be asked about.")
            _welcome(f"http://{_shown(bind)}:{port}/", people, sample=sample)
            parts.watch()


@contextmanager
def only_pages() -> Iterator[tuple[str, str]]:
    """For whatever looks at the sample's pages: web and the stand-in providers on OPS_VAR and PORT, and nothing that works in the background.

    Yields the address and the sample people's password.
    """
    var: Path = settings.OPS_VAR
    _make_var(var)
    port = environment.integer("PORT", 8000, least=1, most=65535)
    with lock_or_refuse(var):
        shops, providers = kept_port(var, "shops-port", port + 1), kept_port(var, "providers-port", port + 2)
        parts = Parts(var, [part for part in _parts(var, shops, providers) if part.name in ("web", "providers")])
        for part in parts.parts:
            # Nobody works on the code meanwhile.
            part.environment = {name: value for name, value in part.environment.items() if name != "OPS_RELOAD"}
        embedded.hold_needed(settings)
        _prepare(var, shops)
        with outside.announced(var, providers), _stopped_at_the_end(parts):
            parts.start("web", "providers")
            _wait_for_answer(parts, "127.0.0.1", port)
            yield f"http://127.0.0.1:{port}", _password_file(var).read_text().strip()


@contextmanager
def _stopped_at_the_end(parts: Parts) -> Iterator[None]:
    try:
        yield
    finally:
        parts.stop()


def _make_var(var: Path) -> None:
    try:
        var.mkdir(parents=True, exist_ok=True)
        (var / "dev.lock").touch()
    except OSError as error:
        refuse("OPS_VAR", f"{var} cannot be written ({error.strerror}); name a folder that can.")


def refuse_busy_port(bind: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            refuse(
                "PORT",
                f"{port} cannot be used ({(error.strerror or str(error)).lower()}); name another one, as in PORT={port + 1 if port < 65535 else 8001} bin/dev.",
            )


def kept_port(var: Path, name: str, wanted: int) -> int:
    """Of a part beside the portal. The sample data names its address, so it stays the same from one start to the next."""
    path = var / name
    if not path.exists():
        path.write_text(f"{free_port(wanted)}\n")
    try:
        return int(path.read_text())
    except ValueError:
        raise SystemExit(f"bin/dev: {path} holds no port; remove it.") from None


def free_port(wanted: int) -> int:
    """The wanted one, else any."""
    for candidate in (wanted, 0):
        with socket.socket() as probe, suppress(OSError, OverflowError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", candidate))
            return int(probe.getsockname()[1])
    raise SystemExit("bin/dev: there is no free port for what stands in for the outside.")


def _start_beside(parts: Parts, name: str, port: int | None, without: str) -> None:
    """Another program may have taken the port since; the portal does without this part then."""
    if port and free_port(port) == port:
        parts.start(name)
    elif port:
        _say(f"Port {port} is taken: {without}")


def _parts(var: Path, shops: int | None, providers: int | None) -> list[Part]:
    """What the Procfile lists, with reload for the web and less talk from the others; and what stands in for the outside."""
    python = [sys.executable, "-m"]
    # Root is the usual user of a throwaway machine; Celery's page-long warning would hide the address.
    celery = [sys.executable, "-W", "ignore::UserWarning:celery.platforms", "-m", "celery", "-q", "-A", "opsportal"]
    worker = ["worker", "--without-mingle", "--without-gossip", "--loglevel", "WARNING"]
    keys = outside.environment(var, providers) if providers else {}
    manage = [sys.executable, "manage.py"]
    beside = [Part("shops", [*manage, "sandbox_shops", "--port", str(shops)])] if shops else []
    beside += [Part("providers", [*manage, "sandbox_providers", "--port", str(providers)], keys)] if providers else []
    return [
        *beside,
        Part("web", [*python, "gunicorn", "-c", "gunicorn.conf.py"], {"OPS_RELOAD": "true"} | keys, patience=5),
        Part("beat", [*celery, "beat", "--loglevel", "WARNING"], keys, patience=3),
        Part("worker", [*celery, *worker, "-Q", "celery,notify", "-c", "4", "-n", "worker@%h"], keys, patience=6),
        Part("jobs", [*celery, *worker, "-Q", "jobs", "-c", "2", "-n", "jobs@%h"], keys, patience=6),
    ]


def _prepare(var: Path, shops: int | None) -> str:
    """Bring the database up to date. Returns the table of sample people, or nothing."""
    django.setup()
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            _say("Bringing the database up to date.")
            call_command("migrate", verbosity=0, interactive=False)
        if shops is None or "sample_data" not in get_commands():
            return ""
        table = io.StringIO()
        call_command("sample_data", password_file=str(_password_file(var)), shops=f"http://127.0.0.1:{shops}", stdout=table)
        return f"{table.getvalue().rstrip()}\n\nThe password of all of them: {_password_file(var).read_text().strip()}".lstrip("\n")
    except CommandError as error:
        raise SystemExit(f"The sample data: {error}") from None
    except DatabaseError as error:
        raise SystemExit(f"The database: {str(error).strip().splitlines()[0]}") from None
    finally:
        connection.close()


def _password_file(var: Path) -> Path:
    """The one password of all sample people, made once, readable by this user only."""
    path = var / "sample-password"
    if not path.exists() or not path.read_text().strip():
        path.unlink(missing_ok=True)
        password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password + "\n")
    return path


def _wait_for_answer(parts: Parts, bind: str, port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        parts.look_after()
        try:
            urllib.request.urlopen(f"http://{_shown(bind)}:{port}/health/live", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The portal does not answer on port {port} within {STARTS_WITHIN} seconds.")


def _shown(bind: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bind, f"[{bind}]" if ":" in bind else bind)  # noqa: S104


def _welcome(address: str, people: str, *, sample: bool) -> None:
    lines = ["", f"OpsPortal is at {address}", ""]
    if people:
        lines += [people, ""]
    elif not sample:
        lines += ["Without sample data: its first page makes the first person.", ""]
    _say("\n".join([*lines, "Ctrl-C stops everything."]))


def _say(line: str) -> None:
    print(line, flush=True)
