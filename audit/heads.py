"""Heads leave the database, so that somebody who may rewrite all of it still can't rewrite what others have: as a log line, in a
file, and to whoever listens (a webhook)."""

import json
import os
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from audit import registry
from audit.models import AuditSeal

log = structlog.get_logger(__name__)


def facts_of(seal: AuditSeal) -> dict[str, Any]:
    """What leaves: JSON scalars."""
    return {"number": seal.number, "head": bytes(seal.head).hex(), "rows": seal.rows, "high": seal.high, "sealed_at": seal.sealed_at.isoformat()}


def send(seal: AuditSeal) -> None:
    """Tell the listeners in the seal's transaction, the log and the file once it is committed."""
    facts = facts_of(seal)
    registry.tell_seal_listeners(facts)
    transaction.on_commit(lambda: _leave(facts))


def _leave(facts: dict[str, Any]) -> None:
    log.info("audit seal", **facts)
    path = Path(settings.OPS_SEAL_FILE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # One write at the end of the file: several processes may do so.
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, json.dumps(facts).encode() + b"\n")
        finally:
            os.close(handle)
    except OSError as error:
        log.error("audit seal head not written", number=facts["number"], file=str(path), error=error.strerror)
