"""Many pages of several stores at once, each store as politely as it is set, and all of it over by a deadline.

A store's pages never wait for another store's: whoever has a free place and whose pause is over is next; with `share`, a store that
takes longer keeps nobody waiting. Until a host's
robots.txt is known, its store has one visitor. A store that answers 429, or 503 with Retry-After, is left alone for as long
as it says (30 s if it doesn't), within this call.
"""

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from threading import Condition

from catalog.reading.visit import Fetched, RobotsCache, Visitor, Want
from opsportal.outgoing import Session

__all__ = ["Fetched", "RobotsCache", "Want", "fetch_all"]

CONCURRENCY = 32
# However long a robots.txt wants us to wait between two visits, within a run of a minute.
MOST_DELAY = 10.0
PAUSE = 30.0


def fetch_all(
    wants: Sequence[Want], *, deadline: float, concurrency: int = CONCURRENCY, robots: RobotsCache | None = None, session: Session | None = None,
    share: float | None = None, pauses: dict[str, float] | None = None,
) -> dict[str, Fetched]:  # fmt: skip
    """Every want by its key. After `deadline` seconds this has returned, and nothing of it runs on.

    What there was no time for is `not_begun`. With `share`, no visit begins after so many seconds: what is left of a store that is asked
    slowly has the code `share`. `robots`, `session` and `pauses` (by store, when it may be asked next) may be shared by the calls of one
    run. Whether private addresses may be called is the setting OPS_ALLOW_PRIVATE_ADDRESSES; redirects are checked like the first address.
    """
    now = time.monotonic()
    end = now + deadline
    until = end if share is None else min(end, now + share)
    robots = robots or RobotsCache()
    with nullcontext(session) if session else Session(connect_seconds=5.0, kept=concurrency) as shared:
        return _Round(wants, Visitor(shared, robots, end), robots, end=end, until=until, pauses={} if pauses is None else pauses).run(concurrency)


@dataclass(slots=True)
class _Store:
    """One store's wants, in order. Times are time.monotonic()."""

    waiting: deque[Want] = field(default_factory=deque)
    running: int = 0
    places: int = 1
    delay: float = 0.0
    next_at: float = 0.0

    def is_ready(self, now: float, robots: RobotsCache) -> bool:
        if not self.waiting or now < self.next_at:
            return False
        return self.running < (self.places if robots.known(self.waiting[0].url) else 1)


class _Round:
    def __init__(self, wants: Sequence[Want], visitor: Visitor, robots: RobotsCache, *, end: float, until: float, pauses: dict[str, float]) -> None:
        self._visitor, self._robots, self._end, self._until, self._pauses = visitor, robots, end, until, pauses
        self._stores: dict[str, _Store] = {}
        self._changed = Condition()
        self._running = 0
        self._fetched: dict[str, Fetched] = {}
        self._problem: BaseException | None = None
        for want in wants:
            store = self._stores.setdefault(want.store, _Store(next_at=pauses.get(want.store, 0.0)))
            store.waiting.append(want)
            store.places, store.delay = max(want.concurrency, 1), max(store.delay, want.delay)

    def run(self, concurrency: int) -> dict[str, Fetched]:
        with ThreadPoolExecutor(concurrency, thread_name_prefix="fetch") as threads:
            while (begun := self._next(concurrency)) is not None:
                threads.submit(self._visit, *begun)
        if self._problem:
            raise self._problem
        code, words = ("share", "The store's share of the time was over.") if self._until < self._end else ("not_begun", "The run's time was over.")
        for key, store in self._stores.items():
            self._pauses[key] = store.next_at
            for want in store.waiting:
                self._fetched[want.key] = Fetched("not_begun", code, words, final_url=want.url)
        return self._fetched

    def _next(self, concurrency: int) -> tuple[_Store, Want] | None:
        """The next visit to begin, as soon as there is one; None when there is none any more, or no time."""
        with self._changed:
            while True:
                now = time.monotonic()
                waiting = [store for store in self._stores.values() if store.waiting]
                if all(max(now, store.next_at) >= self._until for store in waiting) or self._problem:
                    return None
                ready = [store for store in waiting if store.is_ready(now, self._robots)] if self._running < concurrency else []
                if ready:
                    return self._begin(min(ready, key=lambda store: store.next_at), now)
                # Whoever ends a visit, or learns the rules, wakes this one up; a pause that ends does not.
                pauses = [store.next_at for store in waiting if store.next_at > now]
                self._changed.wait(max(min([self._until, *pauses]) - now, 0))

    def _begin(self, store: _Store, now: float) -> tuple[_Store, Want]:
        store.running += 1
        self._running += 1
        store.next_at = now + store.delay
        return store, store.waiting.popleft()

    def _visit(self, store: _Store, want: Want) -> None:
        fetched: Fetched | None = None
        try:
            self._visitor.learn_rules(want)
            with self._changed:
                self._heed(store, want)
                self._changed.notify()
            fetched = self._visitor.visit(want)
        except BaseException as problem:
            self._problem = problem
        with self._changed:
            store.running -= 1
            self._running -= 1
            if fetched:
                self._fetched[want.key] = fetched
                if fetched.status == 429 or (fetched.status == 503 and fetched.retry_after):
                    store.next_at = max(store.next_at, time.monotonic() + (PAUSE if fetched.retry_after is None else fetched.retry_after))
            self._changed.notify()

    def _heed(self, store: _Store, want: Want) -> None:
        """More time between two visits, where the host's robots.txt asks for it."""
        known = self._robots.known(want.url)
        asked = min(known.crawl_delay() or 0, MOST_DELAY) if known else 0
        if asked > store.delay:
            store.delay, store.next_at = asked, time.monotonic() + asked
