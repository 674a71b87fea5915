from collections.abc import Mapping
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import TextChoices
from django.utils.functional import Promise

from audit import registry
from audit.actors import Actor
from audit.masking import masked
from audit.models import AuditLog

Changes = Mapping[str, tuple[Any, Any] | list[Any]]


class Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        return str(o) if isinstance(o, Promise) else super().default(o)


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

    `changes` maps a field to (before, after). Takes no lock shared with other writers. Never skips silently: raises
    RuntimeError outside a transaction, TypeError for an action type that no app has registered.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("audit.record() belongs inside the transaction of the act it records.")
    if not registry.knows(action_type):
        raise TypeError(f"{action_type!r} is not in a registered enum of action types.")
    context = structlog.contextvars.get_contextvars()
    row = AuditLog(
        actor_kind=actor.kind, actor_id=actor.id, actor_label=actor.label[:200], action_type=action_type.value,
        entity_type=entity_type, entity_id=str(entity_id), entity_label=entity_label[:200], reason=reason.strip(),
        changes=_jsonable(masked(dict(changes or {}))),
        request_id=context.get("request_id", ""), ip=context.get("ip") or None,
    )  # fmt: skip
    row.save(force_insert=True)
    return row


def _jsonable(value: Any) -> Any:
    """The same with dates, UUIDs and lazy texts as the strings that JSON will hold."""
    if isinstance(value, Mapping):
        return {key: _jsonable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(inner) for inner in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value.value if isinstance(value, TextChoices) else value
    return Encoder().default(value)
