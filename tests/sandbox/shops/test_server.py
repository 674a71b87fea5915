"""The sample shops over real HTTP."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from opsportal import clock
from sandbox.shops.assortment import SHOPS, Good, Shop, goods, sold_by
from sandbox.shops.prices import story, tag_at
from sandbox.shops.server import Shops, path_of, quirk

ALL = [(shop, good) for shop in SHOPS for good in sold_by(shop)]


@pytest.fixture(scope="module")
def shops() -> Iterator[str]:
    server = Shops("127.0.0.1", 0, latency=0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def one_with(name: str) -> tuple[Shop, Good]:
    return next((shop, good) for shop, good in ALL if quirk(shop, good) == name and shop.style != "feed")


def get(base: str, name: str, **options: object) -> httpx.Response:
    return httpx.get(base + path_of(*one_with(name)), timeout=30, **options)  # type: ignore[arg-type]


def test_there_are_a_few_hundred_pages_with_every_story_and_quirk() -> None:
    assert (len(goods()), len(ALL), len({good.gtin for good in goods()})) == (54, 284, 54)
    assert set(Counter(story(*each) for each in ALL)) == {"plain", "honest_sale", "fake_discount", "sold_out", "glitch", "two_pack"}
    assert {quirk(*each) for each in ALL} >= {"gone", "moved", "late", "hangs", "broken", "no_price", "error", "second_script", "off_limits", ""}


def test_a_page_shows_the_price_of_the_moment(shops: str) -> None:
    shop, good = one_with("")
    now = clock.now()
    answer = httpx.get(shops + path_of(shop, good))
    assert (answer.status_code, f'"{tag_at(shop, good, now, now).price / 100:.2f}"' in answer.text) == (200, True)


def test_a_page_that_is_known_is_not_sent_again(shops: str) -> None:
    first = get(shops, "second_script")
    again = get(shops, "second_script", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_quirks_are_what_they_say(shops: str) -> None:
    moved = get(shops, "moved")
    assert (get(shops, "gone").status_code, get(shops, "error").status_code, moved.status_code) == (404, 500, 301)
    assert httpx.get(shops + moved.headers["Location"]).status_code == 200
    assert f"Disallow: {path_of(*one_with('off_limits')).rpartition('/')[0]}/" in httpx.get(f"{shops}/robots.txt").text


def test_a_feed_lists_all_that_its_shop_sells(shops: str) -> None:
    shop = next(shop for shop in SHOPS if shop.style == "feed")
    answer = httpx.get(f"{shops}/{shop.key}/feed.json").json()
    assert [offer["sku"] for offer in answer["offers"]] == [good.slug for good in sold_by(shop)]


@pytest.mark.parametrize("path", ["/", "/nowhere/p/x", "/mercado-azul/p/x", "/mercado-azul"])
def test_what_is_not_there_is_404(shops: str, path: str) -> None:
    assert httpx.get(shops + path).status_code == 404


def test_a_fake_discount_raises_its_list_price_first() -> None:
    shop, good = next(each for each in ALL if story(*each) == "fake_discount")
    now = clock.now()
    days = [tag_at(shop, good, now + timedelta(days=number), now) for number in range(-30, 1)]
    raised = [tag.list_price for tag in days if tag.list_price]
    assert raised
    assert min(raised) > 1.25 * min(tag.price for tag in days)
