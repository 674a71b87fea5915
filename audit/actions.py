import json
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import TextChoices

from audit import registry
from audit.actors import Actor
from audit.models import AuditLog
from audit.sealing import seal_rows
from opsportal.masking import masked

__all__ = ["record", "row_from", "row_values", "seal_rows"]

Changes = Mapping[str, tuple[Any, Any] | list[Any]]


def record(
    *,
    actor: Actor,
    action_type: TextChoices,
    entity_type: str = "",
    entity_id: object = "",
    entity_label: str = "",
    reason: str = "",
    changes: Changes | None = None,
) -> AuditLog:
    """Write one audit row in the caller's transaction: it is there exactly if the act is.

    `changes` maps a field to (before, after); what stands under a secret's name is masked. Takes no lock shared with other
    writers. Never skips silently: raises RuntimeError outside a transaction, TypeError for an action type that no app has
    registered, for a change that is not a pair, and for a value that JSON can't hold.
    What a stranger typed never fails it: texts are cut to their columns and lose what PostgreSQL can't store.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("audit.record() belongs inside the transaction of the act it records.")
    row = AuditLog(
        **_said(actor, action_type, entity_label, reason), entity_type=entity_type, entity_id=_text(entity_id, 100), changes=_jsonable(changes or {})
    )
    row.save(force_insert=True)
    return row


def row_from(source: str, *, entity_type: str, entity_id: str, changes: str, entity_label: str = "%(entity_label)s") -> str:
    """SQL for an act that is one statement: `WITH source AS (… RETURNING …), log AS (<this>) SELECT …`, with the values of row_values().

    The row is there exactly if the act is, as with record(), and no round trip lies between the two. The arguments are SQL
    written in code, never values. `changes` gives jsonb that holds no secrets. A source of many rows leaves a row for each.
    """
    return f"""
        INSERT INTO ops_audit_logs (actor_kind, actor_id, actor_label, action_type, entity_type, entity_id, entity_label, reason, changes, request_id, ip)
        SELECT %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(action_type)s, '{entity_type}', {entity_id}, {entity_label}, %(audit_reason)s,
               {changes}, %(request_id)s, %(ip)s::inet FROM {source}
    """  # noqa: S608


def row_values(*, actor: Actor, action_type: TextChoices, entity_label: str = "", reason: str = "") -> dict[str, Any]:
    """The values that row_from() asks for. Raises TypeError as record() does."""
    values = _said(actor, action_type, entity_label, reason)
    return {**values, "actor_kind": str(actor.kind), "audit_reason": values.pop("reason")}


def _said(actor: Actor, action_type: TextChoices, entity_label: str, reason: str) -> dict[str, Any]:
    if not registry.knows(action_type):
        raise TypeError(f"{action_type!r} is not in a registered enum of action types.")
    context = structlog.contextvars.get_contextvars()
    return {
        "actor_kind": actor.kind, "actor_id": _text(actor.id, 100), "actor_label": _text(actor.label, 200), "action_type": action_type.value,
        "entity_label": _text(entity_label, 200), "reason": _text(reason).strip(),
        "request_id": _text(context.get("request_id", ""), 64), "ip": context.get("ip") or None,
    }  # fmt: skip


def _text(value: object, most: int | None = None) -> str:
    # PostgreSQL stores neither NUL nor half a surrogate pair.
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode()[:most]


def _jsonable(changes: Changes) -> Any:
    """Masked, and with dates, UUIDs and lazy texts as the strings that JSON will hold."""
    for field, pair in changes.items():
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise TypeError(f"The change of {field!r} is not (before, after): {pair!r}")
    # JSON has no NaN and no Infinity; they become words.
    return _storable(json.loads(json.dumps(masked(dict(changes)), cls=DjangoJSONEncoder), parse_constant=str))


def _storable(value: Any) -> Any:
    if isinstance(value, dict):
        return {_text(key): _storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return _text(value) if isinstance(value, str) else value
