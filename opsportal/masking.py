"""Secrets are kept out of what is written down: by the name they stand under (audit rows, log lines), and by their shape in text."""

import re
from collections.abc import Mapping
from typing import Any

MASK = "•••"
_SECRET = re.compile(
    r"passw|secret|token|credential|authorization|cookie|signature|webhook[-_ ]?url|database[-_ ]?url|redis[-_ ]?url|\bdsn\b"
    r"|(api|private|access|cron)[-_ ]?key|session[-_ ]?(id|key)|cvv|cvc|card[-_ ]?number|recovery|totp|\botp\b",
    re.IGNORECASE,
)
_IN_TEXT = (
    # Authorization headers and bearer keys
    (re.compile(r"\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1\2{MASK}"),
    # the password in a URL
    (re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]+(?=@)"), rf"\1:{MASK}"),
    # the address of a ping: whoever knows it may call it
    (re.compile(r"(/ping/)[\w-]{8,}"), rf"\1{MASK}"),
    # password=…, "api_key": "…", ?token=…
    (
        re.compile(
            r"""((?:passw(?:or)?d|secret|token|api[-_]?key|authorization|x-cron-secret|x-api-key)["']?\s*[=:]\s*)(["']?)(?!\s*(?:bearer|basic)\b)[^\s"'&,;)]+""",
            re.IGNORECASE,
        ),
        rf"\1\2{MASK}",
    ),
)


def masked(value: Any, *, key: str = "") -> Any:
    """A copy in which whatever stands under a secret's key name is replaced, at any depth. None and "" stay: they hide nothing."""
    if key and _SECRET.search(key):
        return _mask(value)
    if isinstance(value, Mapping):
        return {str(name): masked(inner, key=str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return value


def scrubbed(text: str) -> str:
    """A line of text without the keys, passwords and headers that it quotes."""
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _mask(value: Any) -> Any:
    # A change stays a change: [before, after] keeps which side was empty.
    if isinstance(value, list | tuple):
        return [_mask(inner) for inner in value]
    return value if value is None or value == "" or isinstance(value, bool) else MASK
