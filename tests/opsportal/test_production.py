"""What production refuses, asked as a real process: one line on standard error, and the exit code 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "kJ8s-3nFq0_zXw7-Rb2m-LtY5-uEo9-Hc4d-Vg6p-Ai1x-NaQS-57"
SAFE = {
    "OPS_ENV": "production", "OPS_SECRET_KEY": KEY, "DATABASE_URL": "postgresql://ops:secret@db.example/ops", "REDIS_URL": "redis://redis.example:6379/0",
    "OPS_ALLOWED_HOSTS": "ops.example", "OPS_BASE_URL": "https://ops.example", "EMAIL_URL": "smtp+tls://u:p@mail.example:587",
}  # fmt: skip


def started(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPS_", "DATABASE", "REDIS", "EMAIL", "BETA", "CRON", "ENABLE", "DJANGO", "STRIPE", "MERCADOPAGO", "PRODUCT", "APP_"))
    }
    full = clean | SAFE | {"DJANGO_SETTINGS_MODULE": "opsportal.settings"} | environment
    return subprocess.run([sys.executable, *command], check=False, cwd=ROOT, env=full, capture_output=True, text=True, timeout=180)


def refusal(**environment: str) -> str:
    done = started("manage.py", "check", **environment)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    return done.stderr


def test_safe_settings_pass_every_deployment_check():
    done = started("-W", "error", "-m", "django", "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"OPS_DEBUG": "true"}, "OPS_DEBUG: must be off"),
        ({"OPS_SECRET_KEY": ""}, "OPS_SECRET_KEY: production needs a secret of its own"),
        ({"OPS_SECRET_KEY": "a" * 60}, "OPS_SECRET_KEY: too weak"),
        ({"OPS_SECRET_KEY": KEY[:40]}, "OPS_SECRET_KEY: too weak"),
        ({"DATABASE_URL": ""}, "DATABASE_URL: production does not run on the embedded servers"),
        ({"REDIS_URL": ""}, "REDIS_URL: production does not run on the embedded servers"),
        ({"OPS_ALLOWED_HOSTS": "*"}, "OPS_ALLOWED_HOSTS: production needs the portal's host names"),
        ({"CRON_SECRET": "x" * 31}, "CRON_SECRET: it needs 32 printable ASCII characters"),
        ({"CRON_SECRET": "x" * 32, "CRON_SECRET_PREVIOUS": "short"}, "CRON_SECRET_PREVIOUS: it needs 32 printable ASCII characters"),
        ({"CRON_SECRET_PREVIOUS": "x" * 32}, "CRON_SECRET_PREVIOUS: it counts beside a CRON_SECRET only"),
        ({"OPS_BASE_URL": "http://ops.example"}, "OPS_BASE_URL: production needs the portal's address, beginning with https://"),
        ({"STRIPE_API_BASE": "http://stripe.example"}, "STRIPE_API_BASE: production asks payment providers over https:// only"),
        ({"PRODUCT_BACKEND_URL": "https://app.example", "APP_BACKEND_SECRET": "x" * 31}, "APP_BACKEND_SECRET: the product knows us by it"),
    ],
)
def test_production_refuses(environment, named):
    assert refusal(**environment).startswith(named)


def test_bin_dev_is_not_for_production():
    done = started("-m", "opsportal.dev")
    assert (done.returncode, done.stderr) == (1, "OPS_ENV: bin/dev is for development, not for “production”; README.md says how to run production.\n")
