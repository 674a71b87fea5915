"""Taking a call. The row's lock orders the calls of one ping, so that of fifty at once none is lost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from health.actions.key import find_key
from health.actions.ping import MOST_PINGS, create_ping, lock_creation
from health.actions.purge import MOST_EVENTS, drop_old_events
from health.address import Said, Target
from health.flips import flip, flip_if_overdue
from health.models import Kind, Ping, PingEvent, Verdict, Why
from health.state import set_moments
from opsportal import clock
from opsportal.errors import Conflict, NotFound

BODY_LIMIT = 10_000
# Above so many calls of one ping in a minute, each still counts for its state, but leaves no event: a flood can't fill the disk.
KEPT_A_MINUTE = 300
PRUNE_EVERY = 100
# A run whose start is older is not looked for.
LONGEST_RUN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Call:
    """What came with it. `body` is cut already, `body_bytes` is its whole length where that is known."""

    said: Said
    rid: UUID | None = None
    body: str = ""
    body_bytes: int | None = None
    is_cut: bool = False
    method: str = "GET"
    address: str | None = None
    user_agent: str = ""


def receive_ping(*, target: Target, call: Call, create: bool = False) -> bool:
    """Take the call: its event, the new state, and the durations. Returns whether a ping was made for it.

    Leaves no audit row: the events are the ping's own record. One that was made by a call does, with the key as its actor.
    Raises NotFound for an unknown address, Conflict (ambiguous_slug) where a slug fits two pings.
    """
    maker = None if target.uuid else find_key(target.key)
    if target.uuid is None and maker is None:
        raise NotFound(_("There is no such ping key."))
    with transaction.atomic():
        ping, is_new = _locked(target), False
        if ping is None and create and maker is not None:
            ping, is_new = _make(target, maker.actor)
        if ping is None:
            raise NotFound(_("There is no such ping."))
        _take(ping, call)
    return is_new


def _locked(target: Target) -> Ping | None:
    pings = Ping.objects.select_for_update(no_key=True)
    found = list(pings.filter(uuid=target.uuid) if target.uuid else pings.filter(slug=target.slug).order_by("pk")[:2])
    if len(found) > 1:
        raise Conflict(_("Two pings have this slug."), code="ambiguous_slug")
    return found[0] if found else None


def _make(target: Target, actor: Actor) -> tuple[Ping | None, bool]:
    """Two calls that create the same one take turns: the second finds the first one's. No more than MOST_PINGS."""
    lock_creation()
    if (ping := _locked(target)) is not None:
        return ping, False
    if Ping.objects.count() >= MOST_PINGS:
        return None, False
    return create_ping(actor=actor, name=target.slug, slug=target.slug, every=timedelta(days=1)), True


def _take(ping: Ping, call: Call) -> None:
    now = clock.now()
    flip_if_overdue(ping, now)
    duration = _judge(ping, call, now)
    is_kept = _count(ping, now)
    ping.save()
    if is_kept:
        PingEvent.objects.create(
            ping=ping, created_at=now, kind=call.said.kind, exit_status=call.said.exit_status, rid=call.rid, duration=duration, body=call.body,
            body_bytes=call.body_bytes, is_cut=call.is_cut, method=call.method, address=call.address, user_agent=call.user_agent,
        )  # fmt: skip
        if ping.calls % PRUNE_EVERY == 0:
            drop_old_events(ping.pk, keep=MOST_EVENTS)


def _judge(ping: Ping, call: Call, now: datetime) -> timedelta | None:
    """What the call means for the state. Returns how long the run took that it ends."""
    kind = call.said.kind
    if kind in (Kind.SUCCESS, Kind.FAIL):
        ping.last_ping_at = now
    if ping.paused_at is not None or kind == Kind.LOG:
        return None
    if kind == Kind.START:
        ping.running_since, ping.running_rid = now, call.rid
        set_moments(ping)
        return None
    duration = ping.last_duration = _end_run(ping, call, now)
    if kind == Kind.SUCCESS:
        ping.counted_from = now
        flip(ping, Verdict.UP, at=now, why=Why.SUCCESS)
    else:
        flip(ping, Verdict.DOWN, at=now, why=Why.FAIL, exit_status=call.said.exit_status)
    set_moments(ping)
    return duration


def _end_run(ping: Ping, call: Call, now: datetime) -> timedelta | None:
    """The convention: an end whose rid is the start's ends the run and has its duration; a success with another rid leaves it running,
    one without a rid and any failure end it. An end of an earlier start (runs that overlap) finds its own start among the events."""
    since, matches = ping.running_since, ping.running_rid == call.rid
    if since is not None and (matches or call.rid is None or call.said.kind == Kind.FAIL):
        ping.running_since = ping.running_rid = None
    if since is not None and matches:
        return max(now - since, timedelta())
    return _of_earlier_start(ping, call.rid, now) if call.rid is not None else None


def _of_earlier_start(ping: Ping, rid: UUID, now: datetime) -> timedelta | None:
    run = PingEvent.objects.filter(ping=ping, rid=rid, created_at__gt=now - LONGEST_RUN).exclude(kind=Kind.LOG)
    last = run.order_by("-created_at", "-pk").values_list("kind", "created_at").first()
    return max(now - last[1], timedelta()) if last and last[0] == Kind.START else None


def _count(ping: Ping, now: datetime) -> bool:
    """Count the call. Returns whether its event is kept."""
    minute = now.replace(second=0, microsecond=0)
    ping.minute_calls = ping.minute_calls + 1 if ping.minute == minute else 1
    ping.minute, ping.calls = minute, ping.calls + 1
    is_kept = ping.minute_calls <= KEPT_A_MINUTE
    ping.not_kept += 0 if is_kept else 1
    return is_kept
