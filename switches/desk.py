"""What the pages show of a switch: its state in a word, who changed it, and whether the product has seen it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from opsportal import clock
from switches import forced, queries, registry
from switches.models import Read, Switch

# Whoever has read nothing for so long does not read any more.
GONE_AFTER = timedelta(days=1)
SHOWN_READERS = 5


@dataclass(frozen=True, slots=True)
class Reader:
    label: str
    read_at: datetime
    version: int
    has_seen: bool
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A switch, or a reading, as one line of the page. `tone` and `word` are its state."""

    name: str
    description: str
    owner: str
    tone: str
    word: str
    is_on: bool
    version: int
    since: datetime | None
    by: str
    reason: str
    readers: tuple[Reader, ...]
    off_until: datetime | None = None
    forced_by_env: bool = False
    is_on_here: bool = True
    is_master: bool = False
    master_is_off: bool = False
    is_registered: bool = True
    held_by: str = ""
    url_name: str = ""
    permission: str = ""

    @property
    def seen(self) -> str:
        """ok: every reader was told this version and value; warn: one has not yet; unknown: nobody reads it."""
        live = [reader for reader in self.readers if not reader.is_gone]
        if not live:
            return "unknown"
        return "ok" if all(reader.has_seen for reader in live) else "warn"

    @property
    def seen_word(self) -> str:
        words = {"ok": _("seen by the product"), "warn": _("not seen yet"), "unknown": _("nobody reads this")}
        return words[self.seen]

    @property
    def first_readers(self) -> list[Reader]:
        """A few, the latest first; whoever has not seen this change yet before all others."""
        return sorted(self.readers, key=lambda reader: reader.has_seen or reader.is_gone)[:SHOWN_READERS]

    @property
    def is_expired(self) -> bool:
        """Its time to be off is over, and nobody has turned it on yet: that takes seconds."""
        return self.off_until is not None and self.off_until <= clock.now()


def lines() -> list[Line]:
    """The switches, the master first."""
    reads, off = queries.reads(), forced.forced_off()
    found = queries.all_switches()
    master_is_off = _master_is_off(found, off)
    return [_line(switch, off, master_is_off, reads.get(switch.pk, [])) for switch in found]


def line(switch: Switch) -> Line:
    off = forced.forced_off()
    master_is_off = _master_is_off(Switch.objects.filter(pk=registry.MASTER), off)
    return _line(switch, off, master_is_off, queries.reads_of(switch.pk))


def reading_lines() -> list[Line]:
    """What is only read here."""
    reads = queries.reads()
    return [reading_line(reading, reads.get(name, [])) for name, reading in registry.readings().items()]


def reading_line(reading: registry.Reading, reads: list[Read]) -> Line:
    fact = reading.read()
    word = str(reading.true_word if fact.value else reading.false_word)
    return Line(
        reading.name, str(reading.description), str(reading.owner), "warn" if fact.value else "ok", word, fact.value, fact.version, fact.since, fact.by,
        fact.reason, _readers(reads, fact.version, fact.value), forced_by_env=fact.forced_by_env, held_by=fact.held_by, url_name=reading.url_name,
        permission=reading.permission,
    )  # fmt: skip


def _master_is_off(switches: Iterable[Switch], off: frozenset[str]) -> bool:
    return any(switch.pk == registry.MASTER and (not switch.is_on or registry.MASTER in off) for switch in switches)


def _line(switch: Switch, off: frozenset[str], master_is_off: bool, reads: list[Read]) -> Line:
    state = queries.state_of(switch, off)
    is_master = switch.pk == registry.MASTER
    tone, word = _state(state, master_is_off and not is_master)
    return Line(
        switch.pk, _words(switch, "description"), _words(switch, "owner"), tone, word, state.is_on, state.version, state.since, state.by, state.reason,
        _readers(reads, state.version, state.is_on), state.off_until, state.forced_by_env, state.is_on_here, is_master, master_is_off and not is_master,
        switch.is_registered,
    )  # fmt: skip


def _state(state: queries.State, master_is_off: bool) -> tuple[str, str]:
    if state.forced_by_env:
        return "off", _("off by environment")
    if not state.is_on:
        return "off", _("off")
    return ("warn", _("on, master off")) if master_is_off else ("ok", _("on"))


def _words(switch: Switch, field: str) -> str:
    """The code's own words in the reader's language, unless a person has written others."""
    written = str(getattr(switch, field))
    registered = registry.switches().get(switch.pk)
    return registry.translated(getattr(registered, field), written) if registered else written


def _readers(reads: list[Read], version: int, value: bool) -> tuple[Reader, ...]:
    """Who was told this version, and the value that holds now: the environment may force another without a new version."""
    gone = clock.now() - GONE_AFTER
    return tuple(
        Reader(read.client_label, read.read_at, read.version, read.version >= version and read.value is value, read.read_at < gone)
        for read in reads
    )  # fmt: skip
