"""The addresses of pings, as the healthchecks convention has them: who is meant, and what is said.

/ping/<uuid> and /ping/<ping key>/<slug>, each with /start, /fail, /log or an exit status behind it. A slash at the end does no harm.
Source: healthchecks' "Pinging API" and its hc/api/urls.py and views.py.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from health.models import Kind

_UUID = r"(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_ADDRESS = re.compile(rf"(?:(?P<uuid>{_UUID})|(?P<key>[\w-]{{1,100}})/(?P<slug>[\w-]{{1,100}}))(?:/(?P<said>start|fail|log|[0-9]+))?/?", re.ASCII)
_RUN = re.compile(_UUID)
MOST_STATUS = 255


class BadAddress(ValueError):
    """Says in the convention's words what is wrong."""


@dataclass(frozen=True, slots=True)
class Target:
    """Either a uuid, or a ping key and a slug."""

    uuid: UUID | None = None
    key: str = ""
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    kind: Kind
    exit_status: int | None = None


def parse(path: str) -> tuple[Target, Said]:
    """What stands behind /ping/. Raises BadAddress."""
    found = _ADDRESS.fullmatch(path)
    if found is None:
        raise BadAddress("invalid url format" if "/" in path.rstrip("/") else "invalid uuid format")
    slug = found["slug"] or ""
    if slug != slug.lower():
        raise BadAddress("invalid url format")
    target = Target(uuid=UUID(found["uuid"])) if found["uuid"] else Target(key=found["key"], slug=slug)
    return target, _said(found["said"] or "success")


def _said(word: str) -> Said:
    if not word.isdigit():
        return Said(Kind(word))
    if len(word) > 9 or int(word) > MOST_STATUS:
        raise BadAddress("invalid url format")
    return Said(Kind.FAIL if int(word) else Kind.SUCCESS, int(word))


def run_id(text: str | None) -> UUID | None:
    """The rid of a query string; None without one. Raises BadAddress for one that is no UUID in its usual form."""
    if text is None:
        return None
    if not _RUN.fullmatch(text):
        raise BadAddress("invalid uuid format")
    return UUID(text)
