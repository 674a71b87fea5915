"""What every edit of a product, an offer or a store shares: one version for each edit, and one owner for each number."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from audit.actions import Changes
from catalog.queries.editing import changes_since
from opsportal.errors import Conflict

# lock_not_available: https://www.postgresql.org/docs/current/errcodes-appendix.html
BUSY = "55P03"


@contextmanager
def without_a_queue() -> Iterator[None]:
    """Around the transaction: raises Conflict (`busy`) when somebody else keeps what is to be written for longer than a page waits.

    So a person keeps what they typed, instead of a page that says that the database is away.
    """
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != BUSY:
            raise
        raise Conflict(
            _("This is being written at the moment, by an import perhaps. Nothing was changed: try again in a few seconds."), code="busy"
        ) from None


def check_seen(entity_type: str, thing: Any, seen: int) -> None:
    """Raises Conflict (`stale`) when the thing is not as the editor saw it. The facts: the `version` now, who changed what since (`by`,
    `at`, `changes`: {field: [before, after]})."""
    if thing.version == seen:
        return
    since = changes_since(entity_type, thing.pk, seen)
    text = _("%(who)s changed this meanwhile. Nothing is overwritten: look at it, then save again.") if since.by else _("It was changed meanwhile.")
    raise Conflict(
        text % {"who": since.by}, code="stale", version=thing.version, by=since.by, at=since.at.isoformat() if since.at else None,
        changes=since.changes,
    )  # fmt: skip


def differing(thing: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """What is to be written. Raises Conflict (`unchanged`) when nothing is."""
    changed = {field: value for field, value in wanted.items() if getattr(thing, field) != value}
    if not changed:
        raise Conflict(_("Nothing to change: it is like that already."), code="unchanged")
    return changed


def pairs(thing: Any, changed: dict[str, Any]) -> Changes:
    """Before and after, with the version; to be asked before `write`."""
    return {field: (getattr(thing, field), value) for field, value in changed.items()} | {"version": (thing.version, thing.version + 1)}


def write(thing: Any, changed: dict[str, Any], *, taken: Callable[[], None]) -> None:
    """Save what is given and raise the version. `taken` raises for whoever was faster with a number or an address."""
    for field, value in changed.items():
        setattr(thing, field, value)
    thing.version += 1
    save(thing, [*changed, "version"], taken=taken)


def save(thing: Model, fields: Sequence[str] | None = None, *, taken: Callable[[], None]) -> None:
    """Checked before, for the words; the unique index holds for everybody, so it is asked once more after it."""
    taken()
    try:
        with transaction.atomic():
            thing.save(update_fields=fields)
    except IntegrityError:
        taken()
        raise
