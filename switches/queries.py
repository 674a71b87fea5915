from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from opsportal import clock
from switches import forced, registry
from switches.models import Read, Switch


@dataclass(frozen=True, slots=True)
class State:
    """A switch now. `is_on` is what holds in this process, `is_on_here` what the portal says; the environment can only take away.

    The master is another switch: one may be on and have no effect because the master is off.
    """

    name: str
    is_on: bool
    forced_by_env: bool
    is_on_here: bool
    off_until: datetime | None
    since: datetime | None
    by: str
    reason: str
    version: int


def state_of(switch: Switch, forced_off: frozenset[str] | None = None) -> State:
    is_forced = switch.name in (forced.forced_off() if forced_off is None else forced_off)
    return State(
        switch.name, switch.is_on and not is_forced, is_forced, switch.is_on, switch.off_until,
        switch.since, switch.changed_by, switch.reason, switch.version,
    )  # fmt: skip


# In this order state_from() takes them.
COLUMNS = ("name", "is_on", "off_until", "since", "changed_by", "reason", "version")
_STATES = f"SELECT {', '.join(COLUMNS)} FROM switches_switch WHERE name = ANY(%s)"  # noqa: S608


def states(names: Iterable[str]) -> dict[str, State]:
    """The switches of these names as the database has them now, in one query. A name that is no switch is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [list(set(names))])
        return {row[0]: state_from(*row) for row in cursor.fetchall()}


def state_from(name: str, is_on: bool, *facts: Any) -> State:
    is_forced = forced.is_forced_off(name)
    return State(name, is_on and not is_forced, is_forced, is_on, *facts)


def all_switches() -> list[Switch]:
    """Every switch, the master first, registered ones before added ones."""
    found = Switch.objects.order_by("-is_registered", "position", "name")
    return sorted(found[:MOST], key=lambda switch: switch.name != registry.MASTER)


# More than anybody would want to look through; add_switch refuses the next one.
MOST = 200
# Of a switch. All of them count for “seen”, so this is more than there are.
MOST_READERS = 100


def due() -> list[str]:
    """Names of the switches whose time to be off is over, longest first."""
    return list(Switch.objects.filter(is_on=False, off_until__lte=clock.now()).order_by("off_until", "name").values_list("name", flat=True))


def reads() -> dict[str, list[Read]]:
    """By switch, its readers, the latest first."""
    found: dict[str, list[Read]] = {}
    for read in Read.objects.order_by("-read_at", "-pk")[: MOST * MOST_READERS]:
        found.setdefault(read.switch, []).append(read)
    return found


def reads_of(name: str) -> list[Read]:
    """The readers of one switch, the latest first."""
    return list(Read.objects.filter(switch=name).order_by("-read_at", "-pk")[:MOST_READERS])


def off_now() -> list[Switch]:
    """Switches that are off here or by this server's environment, the master first."""
    off = forced.forced_off()
    found = Switch.objects.filter(Q(is_on=False) | Q(pk__in=off)).order_by("-is_registered", "position", "name")
    return sorted(found[:MOST], key=lambda switch: switch.name != registry.MASTER)


def summary() -> dict[str, object]:
    """The part of /api/status that anybody may read: no names, no reasons."""
    off = [switch.name for switch in off_now()]
    return {"master_on": registry.MASTER not in off, "off": len(off)}


def find(text: str) -> QuerySet[Switch]:
    """By a part of the name or of the words."""
    return Switch.objects.filter(Q(name__icontains=text) | Q(description__icontains=text)).order_by("name")
