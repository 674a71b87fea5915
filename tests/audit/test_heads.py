"""Heads leave the database: to whoever listens in the seal's transaction, to the log and the file after its commit."""

import json
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.db import transaction

from audit import registry
from audit.actions import seal_rows
from audit.models import AuditSeal
from audit.verifying import read_heads
from tests.audit.chains import SEALER, sealed, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def seal_file(settings: Any, tmp_path: Path) -> Path:
    file: Path = tmp_path / "new" / "audit-seals.log"
    settings.OPS_SEAL_FILE = file
    return file


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = []
    monkeypatch.setattr(registry, "_seal_listeners", [])
    registry.register_seal_listener(facts.append)
    registry.register_seal_listener(facts.append)
    return facts


def test_each_head_is_heard_logged_and_written(heard, seal_file):
    with structlog.testing.capture_logs() as logged:
        seals = [sealed(2)[1], sealed(1)[1]]
    wanted = [
        {"number": seal.number, "head": seal.head.hex(), "rows": seal.rows, "high": seal.high, "sealed_at": seal.sealed_at.isoformat()}
        for seal in seals
    ]
    assert heard == wanted
    assert [json.loads(line) for line in seal_file.read_text().splitlines()] == wanted
    assert logged == [{"event": "audit seal", "log_level": "info"} | facts for facts in wanted]
    assert list(read_heads(seal_file.read_text().splitlines())) == [(facts["number"], facts["head"]) for facts in wanted]
    assert seal_file.stat().st_mode & 0o777 == 0o600


def test_a_seal_that_is_rolled_back_leaves_nothing(heard, seal_file):
    write()
    with transaction.atomic():
        seal_rows(actor=SEALER)
        transaction.set_rollback(True)
    assert (seal_file.exists(), AuditSeal.objects.count(), len(heard)) == (False, 0, 1)


def test_a_listener_that_fails_undoes_the_seal(monkeypatch, seal_file):
    def fail(facts: dict[str, Any]) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(registry, "_seal_listeners", [fail])
    write()
    with pytest.raises(ZeroDivisionError):
        seal_rows(actor=SEALER)
    assert (AuditSeal.objects.count(), seal_file.exists()) == (0, False)


def test_a_file_that_can_not_be_written_is_told_and_holds_nothing_back(settings, tmp_path):
    settings.OPS_SEAL_FILE = tmp_path
    with structlog.testing.capture_logs() as logged:
        _ids, seal = sealed(1)
    assert [line["event"] for line in logged] == ["audit seal", "audit seal head not written"]
    assert logged[1] == {
        "event": "audit seal head not written",
        "log_level": "error",
        "number": seal.number,
        "file": str(tmp_path),
        "error": "Is a directory",
    }
