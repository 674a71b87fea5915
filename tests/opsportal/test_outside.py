"""A command at the prompt beside bin/dev asks the same stand-in providers as the portal does."""

from pathlib import Path

import pytest

from opsportal.dev import outside


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch):
    for name in (*outside.STRIPE, *outside.MERCADOPAGO, *outside.PRODUCT, "STRIPE_API_BASE", "MERCADOPAGO_API_BASE", "PRODUCT_BACKEND_URL"):
        monkeypatch.delenv(name, raising=False)


def test_running_is_what_the_portal_was_told_as_long_as_it_runs(tmp_path: Path) -> None:
    told = outside.environment(tmp_path, 8702)
    assert outside.running(tmp_path) == {}
    with outside.announced(tmp_path, 8702):
        assert outside.running(tmp_path) == told
    assert outside.running(tmp_path) == {}


def test_running_keeps_away_from_a_provider_whose_key_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_mine")
    with outside.announced(tmp_path, 8702):
        assert sorted(outside.running(tmp_path)) == [
            "APP_BACKEND_SECRET", "MERCADOPAGO_ACCESS_TOKEN", "MERCADOPAGO_API_BASE", "MERCADOPAGO_WEBHOOK_SECRET", "PRODUCT_BACKEND_URL",
        ]  # fmt: skip


def test_announced_without_stand_ins_takes_away_what_a_killed_one_left(tmp_path: Path) -> None:
    (tmp_path / outside.RUNNING).write_text("8702\n")
    with outside.announced(tmp_path, None):
        assert outside.running(tmp_path) == {}
