"""What the desk's pages show of the audit log, and links to pages of other parts."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from audit import registry
from audit.models import AuditLog
from opsportal.components import Chip, Event, chip
from opsportal.templatetags.ops import shown

HISTORY = 30


def events_of(rows: Iterable[AuditLog]) -> list[Event]:
    """Who changed what, before and after, and why."""
    return [Event(row.created_at, _title(row), _detail(row), icon="note", url=reverse("audit_row", args=[row.pk])) for row in rows]


def _title(row: AuditLog) -> str:
    return f"{row.actor_label}: {registry.label(row.action_type)}"


def _detail(row: AuditLog) -> str:
    changed = [f"{field.replace('_', ' ')} {_side(before)} → {_side(after)}" for field, (before, after) in row.changes.items() if field != "version"]
    return ". ".join(part for part in ("; ".join(changed), row.reason) if part)


def _side(value: Any) -> str:
    return "–" if value is None else shown(value)


def flags_of(request: HttpRequest, flags: Iterable[str]) -> frozenset[str]:
    """The flags that the page's address sets."""
    return frozenset(flag for flag in flags if request.GET.get(flag) == "1")


def flag_chips(request: HttpRequest, labels: dict[str, Any]) -> list[Chip]:
    return [chip(request, label, **{flag: "1"}) for flag, label in labels.items()]


def offer_url(offer_id: int) -> str:
    """The offer's own page; the list where there is none."""
    try:
        return reverse("offer", args=[offer_id])
    except NoReverseMatch:
        return reverse("offers")
