"""What came with a delivery, as people may see it: set out in lines, without secrets."""

import json
from collections.abc import Iterable, Mapping

from django.urls import reverse

from audit import registry
from audit.models import AuditLog
from opsportal.components import Event
from opsportal.masking import masked, scrubbed

LONGEST = 20_000


def preview(raw: bytes, *, whole: bool = False) -> tuple[str, bool]:
    """The body and whether it is cut: JSON set out in lines, secrets masked by their names; anything else as text."""
    try:
        text = json.dumps(masked(json.loads(raw)), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        text = scrubbed(raw.decode("utf-8", "replace"))
    text = text.encode("utf-8", "replace").decode()
    return (text, False) if whole or len(text) <= LONGEST else (text[:LONGEST], True)


def headers_of(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """A signature is masked: whoever has it could send the same once more."""
    return sorted((name, str(value)) for name, value in masked(headers).items())


def history(rows: Iterable[AuditLog]) -> list[Event]:
    """What people did with it, as lines of a timeline."""
    return [
        Event(
            row.created_at, f"{row.actor_label}: {registry.label(row.action_type)}", row.reason, icon="audit", url=reverse("audit_row", args=[row.pk])
        )
        for row in rows
    ]
