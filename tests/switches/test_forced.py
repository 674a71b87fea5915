import os
import subprocess
import sys

import pytest

from switches import forced
from tests.live import ROOT


@pytest.mark.parametrize("value", ["false", "False", "0", "no", "OFF", " off "])
def test_false_forces_off(monkeypatch, value):
    monkeypatch.setenv("ENABLE_PRICE_TRACKER", value)
    assert "ENABLE_PRICE_TRACKER" in forced.forced_off()


@pytest.mark.parametrize("value", ["true", "1", "yes", "on", "", "  ", "nonsense"])
def test_anything_else_forces_nothing(monkeypatch, value):
    monkeypatch.setenv("ENABLE_PRICE_TRACKER", value)
    assert "ENABLE_PRICE_TRACKER" not in forced.forced_off()


@pytest.mark.parametrize("name", ["ENABLE_PRICE_TRACKER", "ENABLE_SOMETHING_ADDED"])
def test_nonsense_stops_the_start_with_one_line(name):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env={**os.environ, name: "maybe"}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.returncode, done.stderr.strip().splitlines()[-1]) == (1, f"{name}: “maybe” is neither true nor false.")
