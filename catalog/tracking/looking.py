"""Looking at offers: their stores' pages and feeds, fetched politely and read. No transaction, and nothing is written."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from catalog.models import Offer, Store
from catalog.reading.feed import MOST_BYTES as MOST_FEED_BYTES
from catalog.reading.feed import Feed, read_feed
from catalog.reading.fetching import Fetched, RobotsCache, Want, fetch_all
from catalog.reading.page import read_page
from catalog.reading.result import PageReading, Unreadable
from catalog.tracking.writing import Finding

Told = Feed | Fetched | Unreadable
# In one batch no visit of a store begins after this part of the time that is left, or after so many seconds.
SHARE, MOST_SHARE = 0.25, 10.0


@dataclass(slots=True)
class Round:
    """What the batches of one run share: a host's robots.txt and a store's feed are asked for once, and a store's pause goes on from one
    batch to the next. Stores that have `spent` their share wait until the others are done; then there are no shares any more."""

    robots: RobotsCache = field(default_factory=RobotsCache)
    # By store: its feed, or why there is none.
    feeds: dict[int, Told] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)
    spent: set[int] = field(default_factory=set)
    has_shares: bool = True

    def look(self, offers: Sequence[Offer], *, seconds: float) -> dict[int, Finding]:
        """By the offer's number; what there was no time for is left out. Over within `seconds`. The offers' stores are loaded."""
        from_pages = [offer for offer in offers if not _has_feed(offer.store)]
        from_feeds = [offer for offer in offers if _has_feed(offer.store)]
        missing = {offer.store_id: offer.store for offer in from_feeds if offer.store_id not in self.feeds}
        wants = [*map(_page, from_pages), *map(_feed, missing.values())]
        share = min(MOST_SHARE, seconds * SHARE) if self.has_shares else None
        fetched = fetch_all(wants, deadline=seconds, robots=self.robots, share=share, pauses=self.pauses)
        late = {key for key, one in fetched.items() if one.code == "share"}
        self.spent |= {offer.store_id for offer in offers if {str(offer.pk), _feed(offer.store).key} & late}
        for number, store in missing.items():
            self.feeds[number] = _read_feed(fetched[_feed(store).key])
        looked = [(offer, _from_page(offer, fetched[str(offer.pk)])) for offer in from_pages]
        looked += [(offer, _from_feed(offer, self.feeds[offer.store_id])) for offer in from_feeds]
        return {offer.pk: finding for offer, finding in looked if finding is not None}

    def next_due(self, limit: int, *, not_since: object) -> list[Offer]:
        """Of the stores that have time left; behind the last of those, of the others."""
        found = due(limit, not_since=not_since, without=self.spent)
        if len(found) < limit:
            # Nobody waits behind this batch: the time that is left is its own.
            self.has_shares = False
            others = Store.objects.exclude(pk__in=self.spent).values_list("pk", flat=True)
            found += due(limit - len(found), not_since=not_since, without=others) if self.spent else []
            self.spent = set()
        return found

    def forget_feeds_without_time(self) -> None:
        """A feed that was not begun says nothing; the next batch may ask."""
        for number in [number for number, told in self.feeds.items() if isinstance(told, Fetched) and told.state == "not_begun"]:
            del self.feeds[number]


def due(limit: int, *, not_since: object, without: Collection[int] = ()) -> list[Offer]:
    """Active offers of active stores that were not looked at since, longest first and each store in turn: so no store's politeness
    holds up a whole batch."""
    stores = Store.objects.filter(is_active=True).exclude(pk__in=without)
    share = max(1, -(-limit // max(1, stores.count())))
    while True:
        found = list(Offer.objects.raw(_DUE, {"share": share, "limit": limit, "since": not_since, "without": list(without)}))
        fullest = max(Counter(offer.store_id for offer in found).values(), default=0)
        if len(found) == limit or share >= limit or fullest < share:
            return with_stores(found)
        # Some stores have more and others less. Step by step: a whole batch of each of a thousand stores is a million rows.
        share = min(share * 4, limit)


# From the index offer_due, store by store; never looked at comes first.
_DUE = """
    SELECT o.* FROM stores s CROSS JOIN LATERAL (
        SELECT *, row_number() OVER () AS turn FROM (
            SELECT * FROM offers WHERE store_id = s.id AND status = 'active' AND (checked_at IS NULL OR checked_at < %(since)s)
            ORDER BY checked_at NULLS FIRST, id LIMIT %(share)s) longest) o
    WHERE s.is_active AND s.id <> ALL(%(without)s) ORDER BY o.turn, o.id LIMIT %(limit)s
"""


def with_stores(offers: Iterable[Offer]) -> list[Offer]:
    """The same offers, their stores loaded with one query."""
    found = list(offers)
    stores = Store.objects.in_bulk({offer.store_id for offer in found})
    for offer in found:
        offer.store = stores[offer.store_id]
    return found


def _has_feed(store: Store) -> bool:
    return store.source == Store.Source.FEED and bool(store.feed_url)


def _page(offer: Offer) -> Want:
    store = offer.store
    return Want(str(offer.pk), offer.url, store.key, offer.etag, offer.last_modified, delay=store.delay_ms / 1000, concurrency=store.max_concurrency)


def _feed(store: Store) -> Want:
    return Want(f"feed of {store.pk}", store.feed_url, store.key, delay=store.delay_ms / 1000, most_bytes=MOST_FEED_BYTES)


def _read_feed(fetched: Fetched) -> Told:
    if fetched.state != "ok":
        return fetched
    try:
        return read_feed(fetched.body)
    except Unreadable as unreadable:
        return unreadable


def _from_page(offer: Offer, fetched: Fetched) -> Finding | None:
    if fetched.state != "ok":
        return _without_reading(offer, fetched)
    try:
        reading = read_page(fetched.body, fetched.content_type, fetched.final_url or offer.url, offer.currency)
    except Unreadable as unreadable:
        return Finding(offer.pk, unreadable.code, unreadable.words)
    return _reading(offer, reading, "tracker", fetched.etag, fetched.last_modified)


def _from_feed(offer: Offer, told: Told) -> Finding | None:
    if isinstance(told, Fetched):
        return _without_reading(offer, told)
    if isinstance(told, Unreadable):
        return Finding(offer.pk, told.code, told.words)
    try:
        return _reading(offer, told.entry(offer.url, offer.sku), "feed")
    except Unreadable as unreadable:
        return Finding(offer.pk, unreadable.code, unreadable.words)


def _without_reading(offer: Offer, fetched: Fetched) -> Finding | None:
    match fetched.state:
        case "not_begun":
            return None
        case "not_modified":
            return Finding(offer.pk, not_modified=True)
    return Finding(offer.pk, fetched.code, fetched.words)


def _reading(offer: Offer, reading: PageReading, source: str, etag: str = "", last_modified: str = "") -> Finding:
    return Finding(
        offer.pk, price=reading.price, list_price=reading.list_price, currency=reading.currency, availability=reading.availability, source=source,
        etag=_whole(etag, 200), last_modified=_whole(last_modified, 60),
    )  # fmt: skip


def _whole(validator: str, most: int) -> str:
    """Half a validator would never match again."""
    return validator if len(validator) <= most else ""
