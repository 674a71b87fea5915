"""What this process's environment says of switches: NAME=false turns one off here, whatever the portal says. Nothing turns one on."""

import os
import re

from opsportal.environment import refuse

NAME = re.compile(r"[A-Z][A-Z0-9_]{2,59}")
PREFIX = "ENABLE_"
_OFF = {"0", "false", "no", "off"}
# True says nothing, like a variable that is empty: compose files pass on what is not set as an empty one.
_SAYS_NOTHING = {"", "1", "true", "yes", "on"}


def is_forced_off(name: str) -> bool:
    """Whether the variable of that name says off."""
    return os.environ.get(name, "").strip().lower() in _OFF


def forced_off() -> frozenset[str]:
    """Names whose variable says off. Also names of no switch: an environment holds many variables."""
    return frozenset(name for name, value in os.environ.items() if value.strip().lower() in _OFF and NAME.fullmatch(name))


def speaks_nonsense(name: str) -> bool:
    """Whether a variable of that name is set to something that is neither true nor false."""
    return os.environ.get(name, "").strip().lower() not in _OFF | _SAYS_NOTHING


def check(name: str) -> None:
    """End the process with one line when the variable is neither true nor false."""
    if speaks_nonsense(name):
        refuse(name, f"“{os.environ[name]}” is neither true nor false.")


def check_all() -> None:
    """Every variable that begins like a switch: it may be one that a person added."""
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and NAME.fullmatch(name):
            check(name)
