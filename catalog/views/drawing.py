"""What the desk's pages show of the audit log, and links to pages of other parts."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from audit import registry
from audit.models import AuditLog
from catalog.models import Product, Store
from opsportal.components import Chip, Event, chip
from opsportal.templatetags.ops import shown

HISTORY = 30
MODELS: dict[str, type[Model]] = {"product": Product, "store": Store}
LABELS = {"active_offers": _("active offers")}


def events_of(rows: Iterable[AuditLog]) -> list[Event]:
    """Who changed what, before and after, and why."""
    return [Event(row.created_at, _title(row), _detail(row), icon="note", url=reverse("audit_row", args=[row.pk])) for row in rows]


def _title(row: AuditLog) -> str:
    return f"{row.actor_label}: {registry.label(row.action_type)}"


def _detail(row: AuditLog) -> str:
    changed = [_change(row, field, *pair) for field, pair in row.changes.items() if field != "version"]
    return " · ".join(part for part in (row.reason, "; ".join(changed)) if part)


def _change(row: AuditLog, field: str, before: Any, after: Any) -> str:
    label = _label(row.entity_type, field)
    return f"{label}: {_side(after)}" if before is None else f"{label}: {_side(before)} → {_side(after)}"


def _label(entity_type: str, field: str) -> str:
    try:
        return str(MODELS[entity_type]._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    except (KeyError, FieldDoesNotExist):
        return str(LABELS.get(field, field.replace("_", " ")))


def _side(value: Any) -> str:
    return "–" if value in (None, "") else shown(value)


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
