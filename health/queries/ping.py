from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, QuerySet

from health import words
from health.models import Kind, Ping, PingEvent, Verdict
from health.state import Standing, State, standing
from opsportal import clock

STRIP = 30


@dataclass(frozen=True, slots=True)
class PingCheck:
    """How one ping stands, for a review: `is_ok` is None where nobody can say (never heard of), and that is no “yes”."""

    ping_id: int
    name: str
    state: State
    tone: str
    words: str
    since: datetime | None
    is_ok: bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """One end of a run in the strip."""

    at: datetime
    is_success: bool
    duration: timedelta | None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    ping: Ping
    now: Standing
    words: str
    schedule: str
    calls: Sequence[Call] = ()


_OK = {State.UP: True, State.STARTED: True, State.LATE: False, State.DOWN: False, State.NEW: None}
_RECENT = """
    SELECT p.id, e.created_at, e.kind, e.duration FROM unnest(%s::bigint[]) AS p(id) CROSS JOIN LATERAL (
        SELECT id, created_at, kind, duration FROM ping_events WHERE ping_id = p.id AND kind IN ('success', 'fail')
        ORDER BY created_at DESC, id DESC LIMIT %s
    ) e ORDER BY p.id, e.created_at, e.id
"""


def in_state(state: State, now: datetime) -> Q:
    """The same decision as health.state.standing, for the database."""
    over = Q(deadline__lte=now)
    live, down = Q(paused_at=None), Q(verdict=Verdict.DOWN) | over
    calm = live & ~Q(verdict=Verdict.DOWN) & (Q(deadline=None) | Q(deadline__gt=now))
    running, late = Q(running_since__isnull=False), Q(expected_at__isnull=False, expected_at__lte=now)
    quiet = calm & Q(running_since=None) & (Q(expected_at=None) | Q(expected_at__gt=now))
    return {
        State.PAUSED: Q(paused_at__isnull=False), State.DOWN: live & down, State.STARTED: calm & running,
        State.LATE: calm & Q(running_since=None) & late, State.UP: quiet & Q(verdict=Verdict.UP), State.NEW: quiet & Q(verdict=Verdict.NEW),
    }[state]  # fmt: skip


def find_pings(state: str = "") -> QuerySet[Ping]:
    """Those in a state (one of State, or "" for all), as of now."""
    return Ping.objects.filter(in_state(State(state), clock.now())) if state in State.values else Ping.objects.all()


def pings_down() -> int:
    """How many are down now, also those whose fall nobody has written down yet."""
    return find_pings(State.DOWN).count()


def ping_checks() -> list[PingCheck]:
    """A check per ping, the worst first; those that are paused are left out: a person said so, with a reason."""
    now = clock.now()
    order = (State.DOWN, State.NEW, State.LATE, State.STARTED, State.UP)
    stands = [(ping, standing(ping, now)) for ping in Ping.objects.filter(paused_at=None).order_by("name", "pk")]
    stands.sort(key=lambda pair: order.index(pair[1].state))
    return [PingCheck(ping.pk, ping.name, at.state, at.tone, words.explain(ping, at), at.since, _OK[at.state]) for ping, at in stands]


def recent_calls(ping_ids: Iterable[int], most: int = STRIP) -> dict[int, list[Call]]:
    """The last ends of runs of each ping, oldest first; one statement, whatever their number."""
    found: dict[int, list[Call]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, [list(ping_ids), most])
        for ping_id, at, kind, duration in cursor.fetchall():
            found.setdefault(ping_id, []).append(Call(at, kind == Kind.SUCCESS, duration))
    return found


def row_of(ping: Ping, calls: Sequence[Call] = ()) -> Row:
    now = standing(ping, clock.now())
    return Row(ping, now, words.explain(ping, now), words.schedule(ping), calls)


def durations_of(ping: Ping, most: int = 100) -> list[tuple[datetime, timedelta]]:
    """When runs ended and how long they took, oldest first."""
    ended = PingEvent.objects.filter(ping=ping, duration__isnull=False).order_by("-created_at", "-pk")
    return [(at, took) for at, took in reversed(ended.values_list("created_at", "duration")[:most]) if took is not None]


def counts() -> dict[State, int]:
    """How many are in each state, now."""
    now = clock.now()
    found = Ping.objects.aggregate(**{state.value: Count("pk", filter=in_state(state, now)) for state in State})
    return {State(name): number for name, number in found.items()}
