import gzip
import socket
import threading
import time
import zlib
from collections import Counter
from contextlib import ExitStack

import pytest
from django.utils.translation import override

from catalog.reading.fetching import RobotsCache, Want, fetch_all
from tests.receiver import receiving

# Longer than anything here takes on a machine that does much else.
LONG = 60.0


@pytest.fixture
def shop():
    with receiving() as one:
        yield one


def serve(shop, pages, robots=(404, {}, b"")):
    """`pages`: path → answer, or a function of the request and write. Anything else is 404."""

    def respond(request, write):
        found = robots if request.path == "/robots.txt" else pages.get(request.path, (404, {}, b""))
        return found(request, write) if callable(found) else found

    shop.respond = respond


def want(shop, path="/p", **more):
    return Want(more.pop("key", path), shop.url + path, more.pop("store", "shop"), **{"delay": 0.0, **more})


def fetch(shop, path="/p", **more):
    return fetch_all([want(shop, path, **more)], deadline=LONG)[path]


def asked(shop):
    return [request.path for request in shop.requests if request.path != "/robots.txt"]


def test_page_comes_with_its_validators(shop, settings):
    settings.OPS_TRACKER_CONTACT = "https://portal.example/about"
    serve(shop, {"/p": (200, {"Content-Type": "text/html", "ETag": '"1"', "Last-Modified": "Sun, 22 Nov 2026 08:00:00 GMT"}, b"hello")})
    found = fetch(shop)
    assert (found.state, found.code, found.body, found.content_type, found.etag, found.last_modified, found.final_url, found.status) == (
        "ok", "", b"hello", "text/html", '"1"', "Sun, 22 Nov 2026 08:00:00 GMT", shop.url + "/p", 200,
    )  # fmt: skip
    assert shop.requests[-1].headers["user-agent"] == "OpsPortal price tracker (+https://portal.example/about)"
    assert "if-none-match" not in shop.requests[-1].headers


def test_unchanged_page_is_not_sent_again(shop):
    serve(shop, {"/p": lambda request, write: (304, {}, b"") if request.headers.get("if-none-match") == '"1"' else (200, {}, b"x")})
    found = fetch(shop, etag='"1"', last_modified="Sun, 22 Nov 2026 08:00:00 GMT")
    assert (found.state, found.code, found.status, found.etag, found.body) == ("not_modified", "", 304, '"1"', b"")
    assert shop.requests[-1].headers["if-modified-since"] == "Sun, 22 Nov 2026 08:00:00 GMT"


def test_304_that_was_not_asked_for_is_a_failure(shop):
    serve(shop, {"/p": (304, {}, b"")})
    assert (fetch(shop).state, fetch(shop).code) == ("failed", "http_304")


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ((404, {}, b""), "http_404", "The page answered 404."),
        ((410, {}, b""), "http_410", "The page answered 410."),
        ((503, {}, b""), "http_503", "The page answered 503."),
        ((302, {}, b""), "http_302", "The page answered 302."),
        ((429, {}, b""), "too_many", "The store had too many visits (429)."),
        ((429, {"Retry-After": "120"}, b""), "too_many", "The store had too many visits (429) and wants none for 120 s."),
        ((200, {}, b"x" * (2 * 1024 * 1024 + 1)), "too_large", "The page is larger than 2 MiB."),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 50_000_000)), "too_large", "The page is larger than 2 MiB."),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip at all"), "encoding", "The page came broken: it can't be decompressed."),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 1000)[:-12]), "encoding", "The page came broken: it can't be decompressed."),
        ((200, {"Content-Encoding": "br"}, b"x"), "encoding", "The page came compressed as br, which was not asked for."),
        ((302, {"Location": "http://[nonsense"}, b""), "robots_unreachable", None),
        ((302, {"Location": "file:///etc/passwd"}, b""), "bad_address", None),
    ],
)  # fmt: skip
def test_failure_says_why(shop, answer, code, words):
    serve(shop, {"/p": answer})
    found = fetch(shop)
    assert (found.state, found.code, found.body) == ("failed", code, b"")
    assert found.words == words or (words is None and found.words)


def test_what_is_kept_as_a_fact_is_english(shop):
    with socket.socket() as closed, override("pt-br"):
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/p"
        found = fetch_all([Want("a", url, "shop")], deadline=LONG)["a"]
    assert (found.code, found.words[:72]) == ("robots_unreachable", "The store's robots.txt can't be read, so nothing is asked for: It can't ")


PACKED = {"gzip": gzip.compress(b"hello"), "deflate": zlib.compress(b"hello"), "identity": b"hello"}


@pytest.mark.parametrize("encoding", PACKED)
def test_compressed_page_is_unpacked(shop, encoding):
    serve(shop, {"/p": (200, {"Content-Encoding": encoding}, PACKED[encoding])})
    assert fetch(shop).body == b"hello"


def to(location):
    return (302, {"Location": location}, b"")


def test_redirects_are_followed_three_times(shop):
    serve(shop, {"/0": to("/1"), "/1": to(shop.url + "/2"), "/2": to("/3#part"), "/3": (200, {}, b"there"), "/p": to("/0"), "/loop": to("/loop")})
    found = fetch(shop, "/0", etag='"1"')
    assert (found.state, found.body, found.final_url) == ("ok", b"there", shop.url + "/3")
    assert fetch(shop).code == "too_many_redirects"
    assert fetch(shop, "/loop").code == "too_many_redirects"


def test_redirect_to_another_host_asks_its_robots_and_tells_it_no_validators(shop):
    with receiving() as other:
        serve(other, {"/q": (200, {}, b"there")}, robots=(200, {}, b"User-agent: *\nDisallow: /closed"))
        serve(shop, {"/p": to(other.url + "/q"), "/r": to(other.url + "/closed")})
        assert (fetch(shop, etag='"1"').body, fetch(shop, "/r").code) == (b"there", "robots")
        assert asked(other) == ["/q"]
        assert "if-none-match" not in other.requests[1].headers


def test_redirect_to_an_address_inside_is_refused(shop, settings, monkeypatch):
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = False
    real_ask, real_connect = socket.getaddrinfo, socket.create_connection
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *args, **more: real_ask("93.184.216.34" if host == "public.test" else host, *args, **more)
    )
    # Its name is public; its packets are led to the shop here.
    monkeypatch.setattr(
        socket,
        "create_connection",
        lambda address, *args, **more: real_connect(("127.0.0.1", address[1]) if address[0] == "93.184.216.34" else address, *args, **more),
    )
    serve(shop, {"/p": to(f"http://127.0.0.1:{shop.port}/secret"), "/q": to(f"http://localhost:{shop.port}/secret"), "/ok": (200, {}, b"x")})
    base = f"http://public.test:{shop.port}"
    found = fetch_all([Want(path, base + path, "shop", delay=0) for path in ("/p", "/q", "/ok")], deadline=LONG)
    assert {key: (one.state, one.code) for key, one in found.items()} == {
        "/p": ("failed", "bad_address"), "/q": ("failed", "bad_address"), "/ok": ("ok", ""),
    }  # fmt: skip
    assert sorted(asked(shop)) == ["/ok", "/p", "/q"]


def test_address_that_is_none_is_a_failure(shop):
    found = fetch_all([Want(url, url, "shop") for url in ("", "nonsense", "ftp://shop.example/", "http://u:p@shop.example/")], deadline=LONG)
    assert {one.code for one in found.values()} == {"bad_address"}


def test_robots_are_asked_once_and_heeded(shop):
    serve(shop, {"/p": (200, {}, b"x"), "/q": (200, {}, b"y")}, robots=(200, {}, b"User-agent: OpsPortal\nDisallow: /q"))
    cache = RobotsCache()
    for _run in range(2):
        found = fetch_all([want(shop, "/p"), want(shop, "/q")], deadline=LONG, robots=cache)
        assert (found["/p"].state, found["/q"].code, found["/q"].words) == ("ok", "robots", "The store's robots.txt asks not to read this page.")
    assert [request.path for request in shop.requests] == ["/robots.txt", "/p", "/p"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_nothing_is_asked_for_while_robots_cannot_be_read(shop, status):
    serve(shop, {"/p": (200, {}, b"x")}, robots=(status, {}, b""))
    assert (fetch(shop).code, asked(shop)) == ("robots_unreachable", [])


def test_slow_page_is_cut_at_its_limit_and_holds_nobody_up(shop, monkeypatch):
    monkeypatch.setattr("catalog.reading.visit.MOST_SECONDS", 5.0)
    gone = threading.Event()

    def drip(request, write):
        write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while write(b"x") and not gone.wait(0.05):
            pass

    serve(shop, {"/slow": drip, "/silent": lambda request, write: gone.wait(LONG) and None, "/p": (200, {}, b"x")})
    found = fetch_all([want(shop, "/slow"), want(shop, "/silent"), want(shop, "/p")], deadline=LONG)
    gone.set()
    assert {key: (one.state, one.code) for key, one in found.items()} == {
        "/slow": ("failed", "timeout"), "/silent": ("failed", "timeout"), "/p": ("ok", ""),
    }  # fmt: skip
    assert found["/slow"].words == "No answer within 5 s."


def test_nothing_runs_on_after_the_deadline(shop):
    over = threading.Event()
    serve(shop, {"/slow": lambda request, write: over.wait(LONG) and None})
    wants = [want(shop, "/slow", key=str(number), concurrency=2) for number in range(5)]
    found = fetch_all(wants, deadline=2.0)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("fetch")] == []
    over.set()
    assert Counter(one.state for one in found.values()) == {"not_begun": 5}
    assert found["4"].words == "The run's time was over."


def test_no_time_at_all_begins_nothing(shop):
    found = fetch_all([want(shop)], deadline=0.0)
    assert (found["/p"].state, shop.requests) == ("not_begun", [])


def test_store_has_so_many_visitors_at_a_time_and_no_more(shop):
    lock, now, most = threading.Lock(), Counter(), Counter()

    def page(request, write):
        store = request.path.split("/")[1]
        with lock:
            now[store] += 1
            most[store] = max(most[store], now[store])
        time.sleep(0.02)
        with lock:
            now[store] -= 1
        return 200, {}, b"x"

    serve(shop, {f"/{store}/{number}": page for store in "ab" for number in range(30)})
    wants = [want(shop, f"/{store}/{number}", store=store, concurrency=limit) for store, limit in (("a", 2), ("b", 5)) for number in range(30)]
    found = fetch_all(wants, deadline=LONG)
    assert {one.state for one in found.values()} == {"ok"}
    assert (most["a"] <= 2, most["b"] <= 5) == (True, True)


def test_visits_to_a_store_begin_no_sooner_than_its_pause(shop):
    serve(shop, {f"/{number}": (200, {}, b"x") for number in range(6)})
    began = time.monotonic()
    fetch_all([want(shop, f"/{number}", delay=0.1) for number in range(6)], deadline=LONG)
    # Five pauses at least; more is no fault.
    assert time.monotonic() - began >= 0.5


def test_crawl_delay_of_robots_is_heeded(shop):
    serve(shop, {f"/{number}": (200, {}, b"x") for number in range(3)}, robots=(200, {}, b"User-agent: *\nCrawl-delay: 0.4"))
    began = time.monotonic()
    fetch_all([want(shop, f"/{number}") for number in range(3)], deadline=LONG)
    assert time.monotonic() - began >= 0.8


def test_store_with_a_long_pause_has_its_share_and_no_more(shop):
    wants = [want(shop, f"/{number}", delay=600) for number in range(3)]
    pauses = {}
    found = fetch_all(
        [*wants, *(Want(f"q{number}", shop.url, "quick", delay=0) for number in range(3))], deadline=LONG, share=LONG / 2, pauses=pauses
    )
    assert [found[each.key].code for each in wants] == ["", "share", "share"]
    assert [found[f"q{number}"].state for number in range(3)] == ["ok"] * 3
    # The next call of the same run goes on with the pause.
    again = fetch_all(wants, deadline=LONG, pauses=pauses)
    assert [again[each.key].code for each in wants] == ["not_begun"] * 3


def test_store_that_had_too_many_visits_is_left_alone(shop):
    with receiving() as other:
        serve(shop, {"/0": (429, {"Retry-After": "600"}, b""), **{f"/{number}": (200, {}, b"x") for number in range(1, 5)}})
        serve(other, {f"/{number}": (200, {}, b"x") for number in range(5)})
        wants = [want(shop, f"/{number}", key=f"a{number}", concurrency=1) for number in range(5)]
        wants += [want(other, f"/{number}", key=f"b{number}", store="other") for number in range(5)]
        found = fetch_all(wants, deadline=LONG)
    assert asked(shop) == ["/0"]
    assert {key: one.state for key, one in found.items()} == {
        "a0": "failed", **{f"a{number}": "not_begun" for number in range(1, 5)}, **{f"b{number}": "ok" for number in range(5)},
    }  # fmt: skip
    assert found["a0"].retry_after == 600


def test_pages_of_five_stores_come_beside_each_other():
    with ExitStack() as stack:
        shops = [stack.enter_context(receiving()) for _store in range(5)]
        for one in shops:
            one.respond = lambda request, write: (404, {}, b"") if request.path == "/robots.txt" else (time.sleep(0.2), (200, {}, b"x" * 1000))[1]
        wants = [Want(f"{number} {page}", f"{one.url}/{page}", str(number)) for number, one in enumerate(shops) for page in range(40)]
        found = fetch_all(wants, deadline=LONG)
    assert Counter(one.state for one in found.values()) == {"ok": 200}
