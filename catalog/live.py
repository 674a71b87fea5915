"""What a store says at this very moment, for a person who waits for it. Nothing is written down; a person decides what comes of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from catalog.models import Offer, Store
from catalog.reading.feed import MOST_BYTES as MOST_FEED_BYTES
from catalog.reading.feed import read_feed
from catalog.reading.fetching import Want, fetch_all
from catalog.reading.page import read_page
from catalog.reading.result import PageReading, Unreadable
from catalog.reading.visit import MOST_PAGE_BYTES
from opsportal import clock
from opsportal.errors import Invalid

# Seconds that a person waits at most. A store is asked by people no more often than every PAUSE seconds.
DEADLINE = 15.0
PAUSE = 2
# So long, in seconds, an answer can be acted on.
FRESH = 15 * 60
SALT = "catalog.live"


@dataclass(frozen=True, slots=True)
class Live:
    """An answer, or why there is none: `code` and `words` (plain English, as the tracker keeps them). `status` is HTTP's, `seconds` how long it took."""

    offer_id: int
    at: datetime
    url: str
    seconds: float = 0.0
    status: int | None = None
    code: str = ""
    words: str = ""
    reading: PageReading | None = None


def ask(offer: Offer) -> Live:
    """Ask the offer's store, as politely as the tracker does: robots.txt, no private addresses, limits. Never raises for what the store does."""
    is_feed = offer.store.source == Store.Source.FEED and bool(offer.store.feed_url)
    live = Live(offer.pk, clock.now(), offer.store.feed_url if is_feed else offer.url)
    if not cache.add(f"catalog:asked:{offer.store_id}", 1, timeout=PAUSE):
        return replace(live, code="too_soon", words=_("Somebody asked this store a moment ago. Wait two seconds, and ask again."))
    want = Want("offer", live.url, offer.store.key, most_bytes=MOST_FEED_BYTES if is_feed else MOST_PAGE_BYTES)
    fetched = fetch_all([want], deadline=DEADLINE)["offer"]
    live = replace(live, at=clock.now(), seconds=fetched.seconds, status=fetched.status, url=fetched.final_url or live.url)
    if fetched.state != "ok":
        return replace(live, code=fetched.code, words=fetched.words)
    try:
        body = fetched.body
        reading = read_feed(body).entry(offer.url, offer.sku) if is_feed else read_page(body, fetched.content_type, live.url, offer.currency)
    except Unreadable as unreadable:
        return replace(live, code=unreadable.code, words=unreadable.words)
    return replace(live, reading=reading)


def signed(live: Live) -> str:
    """The answer as a form can carry it: nobody can take over a price that no store has said."""
    reading = live.reading
    said = [reading.price, reading.list_price, reading.currency, reading.availability, reading.source] if reading else None
    return signing.dumps(
        [live.offer_id, live.at.isoformat(), live.url, live.seconds, live.status, live.code, live.words, said], salt=SALT, compress=True
    )


def unsigned(text: str, offer_id: int) -> Live:
    """Raises Invalid for an answer that is too old, about another offer, or not ours."""
    try:
        number, at, url, seconds, status, code, words, said = signing.loads(text, salt=SALT, max_age=FRESH)
    except (signing.BadSignature, ValueError):
        raise Invalid(_("The store's answer is too old to act on. Ask again.")) from None
    if number != offer_id:
        raise Invalid(_("The store's answer is about another offer. Ask again."))
    return Live(number, _moment(at), url, seconds, status, code, words, PageReading(*said) if said else None)


def _moment(text: Any) -> datetime:
    found = parse_datetime(text)
    assert found is not None
    return found
