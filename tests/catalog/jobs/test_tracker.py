"""The price tracker as the engine runs it, against shops that answer over real HTTP."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.jobs.tracker import PriceTracker
from catalog.models import Offer, Price, Store
from catalog.tracking.looking import Round, due
from jobs import registry
from jobs.engine.standing import ensure_rows
from jobs.models import FailedItem, Run, RunBatch, Schedule
from opsportal import clock
from sandbox.shops.assortment import SHOPS, sold_by
from sandbox.shops.prices import tag_at
from sandbox.shops.server import Shops, path_of, quirk
from tests.factories import make_offer, make_override, make_store
from tests.jobs.conftest import run_now

pytestmark = pytest.mark.django_db
LONG_AGO = clock.now() - timedelta(days=1)


class Shelf(ThreadingHTTPServer):
    """A shop whose pages are what a test says: path → (status, price). Counts the visits."""

    daemon_threads = True

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, Any]] = {}
        self.visits: list[str] = []
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Shelf

    def do_GET(self) -> None:
        self.server.visits.append(self.path)
        status, content = self.server.pages.get(self.path, (404, ""))
        if isinstance(content, int):
            offer = {"@type": "Offer", "price": content / 100, "priceCurrency": "BRL", "availability": "https://schema.org/InStock"}
            content = f'<script type="application/ld+json">{json.dumps({"@type": "Product", "name": "x", "offers": offer})}</script>'
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        known = status == 200 and self.headers.get("If-None-Match") == '"1"' and self.path.startswith("/known")
        self.send_response(304 if known else status)
        self.send_header("Content-Type", "text/html")
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0" if known else str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if known else body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    server = Shelf()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def tracker(db: None) -> PriceTracker:
    job = registry.get("price-tracker")
    assert isinstance(job, PriceTracker)
    ensure_rows([job])
    Schedule.objects.filter(job=job.name).update(min_interval=0)
    return job


def offer_at(shelf: Shelf, path: str, status: int = 200, price: Any = 10_000, **fields: Any) -> Offer:
    shelf.pages[path] = (status, price)
    return make_offer(**{"url": shelf.url + path, "checked_at": LONG_AGO, "confirmed_at": LONG_AGO} | fields)


def run(tracker: PriceTracker) -> Run:
    return run_now(tracker)  # type: ignore[arg-type]


def seen(offer: Offer) -> tuple:
    offer.refresh_from_db()
    return (offer.price, offer.error_code, offer.failures, offer.confirmed_at != LONG_AGO)


def test_run_takes_over_what_the_pages_say(tracker: PriceTracker, shelf: Shelf) -> None:
    same, changed, held = offer_at(shelf, "/same"), offer_at(shelf, "/changed", price=9_000), offer_at(shelf, "/held", price=900)
    gone, empty = offer_at(shelf, "/gone", 404, ""), offer_at(shelf, "/empty", 200, "<h1>Price on request</h1>")
    done = run(tracker)
    assert [seen(offer) for offer in (same, changed, held)] == [(10_000, "", 0, True), (9_000, "", 0, True), (10_000, "", 0, False)]
    assert [seen(offer)[1:] for offer in (gone, empty)] == [("http_404", 1, False), (empty.error_code, 1, False)]
    assert (done.state, done.items, done.failed_items, held.held_price) == ("succeeded", 5, 0, 900)
    assert RunBatch.objects.get(run=done).lines == ["1 same, 1 changed, 1 held, 2 failed"]


def test_offer_is_not_looked_at_again_within_the_pause(tracker: PriceTracker, shelf: Shelf) -> None:
    offer_at(shelf, "/p")
    run(tracker)
    Run.objects.update(started_at=LONG_AGO)
    tracker_visits = len(shelf.visits)
    assert due(10, not_since=clock.now() - timedelta(minutes=30)) == []
    assert tracker_visits == len(shelf.visits) == 2


def test_archived_offers_and_sleeping_stores_are_left_alone(tracker: PriceTracker, shelf: Shelf) -> None:
    offer_at(shelf, "/archived")
    Offer.objects.update(status="archived")
    offer_at(shelf, "/asleep", store=make_store(is_active=False))
    assert (run(tracker).items, shelf.visits) == (0, [])


def test_known_page_is_confirmed_by_its_validator(tracker: PriceTracker, shelf: Shelf) -> None:
    offer = offer_at(shelf, "/known", etag='"1"', price=5_000)
    offer.price = 10_000
    run(tracker)
    assert seen(offer) == (10_000, "", 0, True)


def test_override_stays_over_what_is_tracked(tracker: PriceTracker, shelf: Shelf) -> None:
    offer = offer_at(shelf, "/p", price=9_500)
    override = make_override(offer, amount=7_000)
    run(tracker)
    override.refresh_from_db()
    assert (seen(offer)[0], override.amount, override.ended_at) == (9_500, 7_000, None)


def test_fault_of_the_network_is_a_failed_item_and_tried_again(tracker: PriceTracker, shelf: Shelf) -> None:
    fine, broken = offer_at(shelf, "/fine"), offer_at(shelf, "/broken", 503, "")
    done = run(tracker)
    assert (done.state, done.failed_items, list(FailedItem.objects.values_list("key", flat=True))) == ("succeeded", 1, [str(broken.pk)])
    shelf.pages["/broken"] = (200, 9_900)
    FailedItem.objects.update(next_try_at=LONG_AGO)
    run(tracker)
    assert (seen(broken)[:3], FailedItem.objects.get().state, fine.pk != broken.pk) == ((9_900, "", 0), "settled", True)


def test_run_in_which_every_page_is_away_has_failed(tracker: PriceTracker, shelf: Shelf) -> None:
    offers = [offer_at(shelf, f"/{number}", 503, "") for number in range(3)]
    done = run(tracker)
    assert (done.state, done.ended_because) == ("failed", "every_item_failed")
    assert [seen(offer)[1:3] for offer in offers] == [("http_503", 1)] * 3


def test_feed_is_asked_for_once_a_run_and_names_offers_by_address_or_number(
    tracker: PriceTracker, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PriceTracker, "batch_size", 2)
    store = make_store(source="feed", feed_url=f"{shelf.url}/feed.json")
    offers = [make_offer(store=store, sku=f"sku-{number}", checked_at=LONG_AGO, confirmed_at=LONG_AGO) for number in range(4)]
    entries = [{"url": offers[0].url, "price": 99}, {"sku": "sku-1", "price": 98}, {"sku": "sku-2", "price": "none"}]
    shelf.pages["/feed.json"] = (200, {"version": 1, "currency": "BRL", "offers": entries})
    run(tracker)
    assert [seen(offer)[0] for offer in offers] == [9_900, 9_800, 10_000, 10_000]
    assert (offers[2].failures, offers[3].error_code, shelf.visits.count("/feed.json")) == (1, "not_in_feed", 1)
    assert list(Price.objects.values_list("source", flat=True)) == ["feed", "feed"]


def test_due_takes_each_store_in_turn(db: None) -> None:
    big, small = make_store(), make_store()
    for _ in range(4):
        make_offer(store=big, checked_at=LONG_AGO)
    make_offer(store=small, checked_at=None)
    now = clock.now()
    assert [offer.store_id for offer in due(3, not_since=now)] == [big.pk, small.pk, big.pk]
    assert len(due(10, not_since=now)) == 5


def test_due_never_takes_a_whole_batch_of_each_of_many_stores(db: None, django_assert_num_queries: Any) -> None:
    """What a pass may read of each store grows step by step, and no further than until the batch is full."""
    for store in (make_store(), make_store()):
        for _ in range(10):
            make_offer(store=store, checked_at=LONG_AGO)
    for _ in range(6):
        make_offer(checked_at=LONG_AGO)
    now = clock.now()
    with CaptureQueriesContext(connection) as queries:
        assert len(due(16, not_since=now)) == 16
    assert [int(size) for query in queries for size in re.findall(r"LIMIT (\d+)\) longest", query["sql"])] == [2, 8]
    with django_assert_num_queries(2):
        assert due(100, not_since=LONG_AGO) == []


def test_queries_of_a_run_do_not_grow_with_its_offers(tracker: PriceTracker, shelf: Shelf, django_assert_max_num_queries: Any) -> None:
    for number in range(40):
        offer_at(shelf, f"/{number}", price=9_000)
    with django_assert_max_num_queries(40):
        run(tracker)


def test_sample_shops_are_read_with_the_prices_they_show(tracker: PriceTracker) -> None:
    """Every way to write a price that the sandbox knows, end to end."""
    now = clock.now()
    server = Shops("127.0.0.1", 0, latency=0, today=now)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        expected = []
        for shop in SHOPS:
            feed = f"{url}/{shop.key}/feed.json"
            store = Store.objects.create(
                key=shop.key, name=shop.name, currency=shop.currency, source="feed" if shop.style == "feed" else "page", feed_url=feed
            )
            for good in [good for good in sold_by(shop) if quirk(shop, good) in ("", "moved", "second_script")][:4]:
                offer = make_offer(store=store, url=url + path_of(shop, good), sku=good.slug, currency=shop.currency, price=None, checked_at=None)
                tag = tag_at(shop, good, now, now)
                expected.append((offer.pk, tag.price, tag.list_price, tag.availability))
        run(tracker)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert list(Offer.objects.order_by("pk").values_list("pk", "price", "list_price", "availability")) == expected


def test_a_store_that_is_asked_slowly_holds_up_no_other(tracker: PriceTracker, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PriceTracker, "batch_size", 2)
    # Longer than a run, so that nothing is waited for.
    store = make_store(key="slow", delay_ms=600_000)
    slow = [offer_at(shelf, f"/slow-{number}", price=9_000, store=store) for number in range(2)]
    others = make_store()
    quick = [offer_at(shelf, f"/quick-{number}", price=9_000, store=others) for number in range(3)]
    done = run(tracker)
    assert [seen(offer)[0] for offer in (*slow, *quick)] == [9_000, 10_000, 9_000, 9_000, 9_000]
    assert (done.state, done.ended_because, done.items) == ("succeeded", "time_guard", 4)
    lines = [line for batch in RunBatch.objects.filter(run=done).order_by("number") for line in batch.lines]
    assert lines == [
        "2 changed", "1 not reached (slow): a store has a share of the time, and the others come first.", "1 changed",
        "1 changed", "1 left for the next run: the time was over.",
    ]  # fmt: skip


def test_what_there_was_no_time_for_is_left_for_the_next_run_and_nothing_else(
    tracker: PriceTracker, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = [offer_at(shelf, f"/{number}", 503 if number == 2 else 200, 9_000) for number in range(3)]
    look = Round.look
    monkeypatch.setattr(Round, "look", lambda *args, **limits: {pk: each for pk, each in look(*args, **limits).items() if pk != offers[1].pk})
    done = run(tracker)
    assert [seen(offer)[0] for offer in offers] == [9_000, 10_000, 10_000]
    assert (done.ended_because, done.items, list(FailedItem.objects.values_list("key", flat=True))) == ("time_guard", 2, [str(offers[2].pk)])
