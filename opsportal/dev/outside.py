"""The stand-in payment providers and product of bin/dev: where they are, and what the portal and they know of each other."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A provider whose key the developer has set is the real one: the stand-in keeps away from it.
STRIPE = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")
MERCADOPAGO = ("MERCADOPAGO_ACCESS_TOKEN", "MERCADOPAGO_WEBHOOK_SECRET")
PRODUCT = ("APP_BACKEND_SECRET",)
RUNNING = "outside-port"
PREFIXES = {"STRIPE_SECRET_KEY": "sk_test_", "STRIPE_WEBHOOK_SECRET": "whsec_", "MERCADOPAGO_ACCESS_TOKEN": "APP_USR-"}


def environment(var: Path, port: int) -> dict[str, str]:
    """For the portal's processes and the stand-ins alike."""
    keys = _keys(var / "sandbox-keys.json")
    found: dict[str, str] = {}
    for names, address, path in (
        (STRIPE, "STRIPE_API_BASE", "stripe"),
        (MERCADOPAGO, "MERCADOPAGO_API_BASE", "mercadopago"),
        (PRODUCT, "PRODUCT_BACKEND_URL", "product"),
    ):
        if not any(os.environ.get(name) for name in (*names, address)):
            found |= {name: keys[name] for name in names} | {address: f"http://127.0.0.1:{port}/{path}"}
    return found


@contextmanager
def announced(var: Path, port: int | None) -> Iterator[None]:
    """As long as it lasts, a command at the prompt beside bin/dev finds them too."""
    here = var / RUNNING
    here.unlink(missing_ok=True)
    if port:
        here.write_text(f"{port}\n")
    try:
        yield
    finally:
        here.unlink(missing_ok=True)


def running(var: Path) -> dict[str, str]:
    """The environment of a bin/dev that runs on this folder; nothing where none does."""
    try:
        return environment(var, int((var / RUNNING).read_text()))
    except (OSError, ValueError):
        return {}


def _keys(path: Path) -> dict[str, str]:
    """Made once, readable by this user only; they open nothing but the stand-ins."""
    if not path.exists():
        made = {name: PREFIXES.get(name, "") + secrets.token_urlsafe(32) for name in (*STRIPE, *MERCADOPAGO, *PRODUCT)}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file)
    try:
        known: dict[str, str] = json.loads(path.read_text())
        return {name: known[name] for name in (*STRIPE, *MERCADOPAGO, *PRODUCT)}
    except (ValueError, KeyError, TypeError):
        raise SystemExit(f"bin/dev: {path} holds no keys; remove it.") from None
