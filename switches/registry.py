"""Switches that apps bring along, and what is only read here because an upper app owns it. Called in apps' ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from switches import forced

Text = str | Promise

MASTER = "ENABLE_JOBS"


@dataclass(frozen=True, slots=True)
class Registered:
    """A switch that code asks for. Its words stand in the table from its first day on and belong to people then."""

    name: str
    description: Text
    owner: Text = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Fact:
    """A reading's state now. `version` is its owner's count of changes; `forced_by_env`: this server's environment holds it."""

    value: bool
    version: int
    since: datetime | None = None
    by: str = ""
    reason: str = ""
    held_by: str = ""
    forced_by_env: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A boolean that an upper app owns. `safe` is what readers get when nobody can say; `url_name` is where it is changed."""

    name: str
    description: Text
    read: Callable[[], Fact]
    url_name: str
    permission: str
    safe: bool = True
    owner: Text = ""
    true_word: Text = "on"
    false_word: Text = "off"


_switches: dict[str, Registered] = {}
_readings: dict[str, Reading] = {}


def register_switch(name: str, description: Text, owner: Text = "", order: int = 100) -> None:
    """A safety switch that is there from the start, on. Ends the process for a variable of its name that means nothing.

    Raises ValueError for a name that is not like a variable's, or that is taken.
    """
    if not forced.NAME.fullmatch(name) or name in _switches or name in _readings:
        raise ValueError(f"{name!r} is taken, or not a name like ENABLE_JOBS.")
    forced.check(name)
    _switches[name] = Registered(name, description, owner, order)


def register_reading(name: str, **values: Any) -> None:
    """Something that is read like a switch, but written elsewhere. `values` are Reading's. Raises ValueError as register_switch."""
    if not forced.NAME.fullmatch(name) or name in _switches or name in _readings:
        raise ValueError(f"{name!r} is taken, or not a name like BETA_SIGNUPS_PAUSED.")
    _readings[name] = Reading(name, **values)


def translated(original: Text, written: str) -> str:
    """The original in the reader's language where its English is what stands in the table, else what stands there."""
    with translation.override("en"):
        in_english = str(original)
    return str(original) if written == in_english else written


def switches() -> dict[str, Registered]:
    return dict(_switches)


def readings() -> dict[str, Reading]:
    return dict(_readings)
