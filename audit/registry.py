"""What upper apps tell the audit log in their apps.py: their one enum of action types, where their things are shown, and who
hears of a new seal."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.urls import NoReverseMatch
from django.utils.functional import Promise

Text = str | Promise

_enums: list[type[TextChoices]] = []
_labels: dict[str, Text] = {}
_routine: set[str] = set()
SealListener = Callable[[dict[str, Any]], object]
_seal_listeners: list[SealListener] = []


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of thing that rows are about. `url_for` gives its page from its id, or "" where it has none."""

    label: Text
    url_for: Callable[[str], str]


_entities: dict[str, Entity] = {}


def register(enum: type[TextChoices], *, routine: Iterable[TextChoices] = ()) -> None:
    """Make an app's action types known. `routine` ones happen all day (sign-ins, claims): they don't stand on Today.

    Raises ValueError for a name that is not UPPER_SNAKE of 50 characters at most, or that another enum has already.
    """
    if enum in _enums:
        return
    for member in enum:
        if not re.fullmatch(r"[A-Z][A-Z0-9_]{1,49}", member.value):
            raise ValueError(f"{member.value!r} is not an action type: UPPER_SNAKE, 50 characters at most.")
        if member.value in _labels:
            raise ValueError(f"Two enums have the action type {member.value}.")
    _enums.append(enum)
    _labels.update({member.value: member.label for member in enum})
    _routine.update(member.value for member in routine)


def register_entity(entity_type: str, label: Text, url_for: Callable[[str], str] = lambda entity_id: "") -> None:
    """Say what people call a kind of thing, and where one of it is shown."""
    _entities[entity_type] = Entity(label, url_for)


def knows(action_type: object) -> bool:
    return type(action_type) in _enums


def is_routine(value: str) -> bool:
    return value in _routine


def routine_types() -> list[str]:
    return sorted(_routine)


def choices() -> list[tuple[str, str]]:
    """(value, label) of every action type, by value."""
    return sorted((value, str(text)) for value, text in _labels.items())


def label(value: str) -> str:
    """What people read for an action type; the bare value for one that no app knows any more."""
    return str(_labels.get(value, value))


def entity_label(entity_type: str) -> str:
    """What people call a kind of thing; its key in words for one that no app has registered."""
    entity = _entities.get(entity_type)
    return str(entity.label) if entity else entity_type.replace("_", " ")


def entity_url(entity_type: str, entity_id: str) -> str:
    """The page of one thing, or "" where there is none. A row stays for ever: its id may be of a form that no page has now."""
    entity = _entities.get(entity_type)
    try:
        return entity.url_for(entity_id) if entity and entity_id else ""
    except NoReverseMatch:
        return ""


def entity_types() -> list[str]:
    return list(_entities)


def register_seal_listener(listener: SealListener) -> None:
    """Call `listener` in the transaction of each new seal with its facts, JSON scalars: number, head (hex), rows, high, sealed_at.

    What it raises undoes the seal: it should write a row of an outbox, and nothing else.
    """
    if listener not in _seal_listeners:
        _seal_listeners.append(listener)


def tell_seal_listeners(facts: dict[str, Any]) -> None:
    for listener in _seal_listeners:
        listener(facts)
