"""How an action is called by the checks."""

from collections.abc import Callable
from typing import Any

from audit.actors import Actor

Call = Callable[[Actor], Any]


def prepared(action: Callable[..., Any], **values: Any) -> Call:
    return lambda actor: action(actor=actor, **values)
