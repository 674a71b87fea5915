import os
import stat

import pytest

from opsportal import environment
from tests.opsportal.test_production import started


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("OPS_ENV", "staging", "OPS_ENV: “staging” is none of dev, test, production."),
        ("OPS_DEBUG", "maybe", "OPS_DEBUG: “maybe” is neither true nor false."),
        ("PORT", "80a", "PORT: “80a” is not a whole number between 1 and 65535."),
        ("PORT", "65536", "PORT: “65536” is not a whole number between 1 and 65535."),
        ("OPS_TIME_ZONE", "Brazil/Nowhere", "OPS_TIME_ZONE: “Brazil/Nowhere” is not a time zone; write one like America/Sao_Paulo."),
        ("OPS_VAR", "/etc/passwd", "OPS_VAR: /etc/passwd is not a folder."),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL: it must begin with postgresql://; the portal runs on PostgreSQL only."),
        ("REDIS_URL", "amqp://x", "REDIS_URL: it must begin with redis://, rediss:// or unix://."),
        ("EMAIL_URL", "pigeon://x", "EMAIL_URL: not an email URL; write one like smtp+tls://user:password@host:587."),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line(name, value, line):
    done = started("manage.py", "check", **{"OPS_ENV": "dev", "OPS_BASE_URL": "", name: value})
    assert (done.returncode, done.stdout, done.stderr) == (1, "", line + "\n")


@pytest.mark.parametrize(
    "value", ["api.example.com", "ftp://x", "https://", "https://x?key=1", "https://x#y", "https://x:0", "https://x:99999", "https://[x"]
)
def test_an_address_that_cannot_be_meant_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("STRIPE_API_BASE", value)
    with pytest.raises(SystemExit) as refused:
        environment.address("STRIPE_API_BASE", "")
    assert str(refused.value) == f"STRIPE_API_BASE: “{value}” is not an address; write one like https://api.example.com."


def test_an_address_is_kept_without_a_slash_at_its_end(monkeypatch):
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:9/stripe/")
    assert environment.address("STRIPE_API_BASE", "") == "http://127.0.0.1:9/stripe"


def test_gunicorn_says_so_too():
    done = started("-m", "gunicorn", "-c", "gunicorn.conf.py", "--check-config", WEB_THREADS="many")
    assert (done.returncode, done.stderr) == (1, "WEB_THREADS: “many” is not a whole number between 1 and 128.\n")


def test_a_boolean_may_be_written_in_several_ways(monkeypatch):
    read = {}
    for value in ("1", "True", " yes ", "on", "0", "FALSE", "no", "off", ""):
        monkeypatch.setenv("OPS_X", value)
        read[value] = environment.boolean("OPS_X")
    assert read == {"1": True, "True": True, " yes ": True, "on": True, "0": False, "FALSE": False, "no": False, "off": False, "": False}


def test_the_sample_password_is_made_once_for_this_user_only(tmp_path):
    from opsportal.dev.portal import _password_file

    path = _password_file(tmp_path)
    first = path.read_text()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert (len(first), _password_file(tmp_path).read_text()) == (24, first)
