"""How an audit row reads."""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from audit import queries, registry
from audit.models import AuditLog, AuditSeal
from opsportal.components import Chip

register = template.Library()

RUNS = 3
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)")


@register.filter
def action_label(row: AuditLog) -> str:
    return registry.label(row.action_type)


@register.filter
def entity_kind(row: AuditLog) -> str:
    return registry.entity_label(row.entity_type)


@register.filter
def entity(row: AuditLog) -> str:
    """The kind of thing and the name it had then."""
    return f"{registry.entity_label(row.entity_type)} {row.entity_label or row.entity_id}".strip()


@register.filter
def entity_url(row: AuditLog) -> str:
    return registry.entity_url(row.entity_type, row.entity_id)


@register.filter
def actor_query(row: AuditLog) -> str:
    """The audit page's query for all rows of the row's actor."""
    return urlencode({"actor": f"{row.actor_kind}:{row.actor_id}"})


@register.filter
def entity_query(row: AuditLog) -> str:
    """The audit page's query for all rows on the row's thing; on its kind where the row is about many."""
    return urlencode({"entity": row.entity_type} | ({"entity_id": row.entity_id} if row.entity_id else {}))


@register.filter
def lines(row: AuditLog) -> dict[str, list[Any]]:
    """The row's changes with field names in words and moments in the team's zone."""
    return {field.replace("_", " "): [_value(side) for side in pair] for field, pair in row.changes.items()}


@register.filter
def last_at(rows: Sequence[AuditLog]) -> str:
    local = localtime(rows[-1].created_at)
    return f"{date_format(local, 'MONTH_DAY_FORMAT')}, {date_format(local, 'CLOCK_FORMAT')}"


@register.filter
def words(chips: Sequence[Chip]) -> str:
    return _("Filters: %(filters)s.") % {"filters": "; ".join(str(chip.label) for chip in chips)}


@register.simple_tag
def seal_of(row: AuditLog) -> AuditSeal | None:
    """The seal that covers the row."""
    return queries.seal_of(row.pk)


@register.filter
def hexed(value: bytes) -> str:
    return bytes(value).hex()


@register.filter
def runs(seal: AuditSeal) -> str:
    """The ids that the seal covers, in words; the first few runs."""
    spans = (str(first) if first == last else f"{first}–{last}" for first, last in seal.members[:RUNS])
    return ", ".join(spans) + (", …" if len(seal.members) > RUNS else "")


def _value(value: Any) -> Any:
    if isinstance(value, str) and _MOMENT.fullmatch(value) and (moment := parse_datetime(value)):
        local = localtime(moment)
        return f"{date_format(local, 'SHORT_DATE_FORMAT')}, {date_format(local, 'CLOCK_FORMAT')}"
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value)):
        return json.dumps(value, ensure_ascii=False)
    return value
