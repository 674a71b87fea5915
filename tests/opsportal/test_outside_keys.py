"""What bin/dev's stand-ins and the portal know of each other."""

from pathlib import Path

import pytest

from opsportal.dev import outside

NAMES = {
    "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE", "MERCADOPAGO_ACCESS_TOKEN", "MERCADOPAGO_WEBHOOK_SECRET", "MERCADOPAGO_API_BASE",
    "APP_BACKEND_SECRET", "PRODUCT_BACKEND_URL",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_the_keys_are_made_once_for_this_user_only(tmp_path: Path) -> None:
    first = outside.environment(tmp_path, 8002)
    assert (set(first), first, first["STRIPE_API_BASE"]) == (NAMES, outside.environment(tmp_path, 8002), "http://127.0.0.1:8002/stripe")
    assert (tmp_path / "sandbox-keys.json").stat().st_mode & 0o777 == 0o600
    assert first["STRIPE_SECRET_KEY"].startswith("sk_test_")
    assert len(first["APP_BACKEND_SECRET"]) >= 32


def test_a_real_provider_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_of_the_developer")
    monkeypatch.setenv("PRODUCT_BACKEND_URL", "http://127.0.0.1:3000")
    assert set(outside.environment(tmp_path, 8002)) == {"MERCADOPAGO_ACCESS_TOKEN", "MERCADOPAGO_WEBHOOK_SECRET", "MERCADOPAGO_API_BASE"}


def test_a_file_without_keys_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "sandbox-keys.json").write_text("[]")
    with pytest.raises(SystemExit, match=r"sandbox-keys\.json holds no keys"):
        outside.environment(tmp_path, 8002)
