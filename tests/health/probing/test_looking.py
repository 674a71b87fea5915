"""Against a real HTTP server in this process."""

import socket
import threading
from dataclasses import replace

import pytest

from health.models import Fault
from health.probing.expecting import Step
from health.probing.looking import EXCERPT, MOST_BYTES, Plan, look, look_at_all
from opsportal.masking import MASK


def looked(*steps, time_limit=20):
    return look(Plan(steps, time_limit))


def test_an_answer_as_expected(shop):
    shop.answers(200, body=b"<h1>Ofertas</h1>")
    found = looked(Step("GET", f"{shop.url}/", contains="Ofertas", headers={"X-Key": "of the tests"}))
    assert (found.ok, found.status, found.size, found.step, found.fault, found.excerpt) == (True, 200, 16, 1, "", "")
    assert 0 <= found.first_ms <= found.ms
    assert [(request.method, request.path, request.headers["x-key"]) for request in shop.requests] == [("GET", "/", "of the tests")]


def test_steps_are_done_in_order_until_one_fails(shop):
    shop.answers(200, 500, body=b"oh no")
    found = looked(Step("HEAD", f"{shop.url}/1"), Step("POST", f"{shop.url}/2"), Step("GET", f"{shop.url}/3"))
    assert (found.ok, found.step, found.fault, found.status) == (False, 2, Fault.STATUS, 500)
    assert [(request.method, request.path) for request in shop.requests] == [("HEAD", "/1"), ("POST", "/2")]


def test_an_excerpt_is_short_and_holds_no_secret(shop):
    shop.answers(500, body=b"sent s3cr3t-of-ours, password=hunter22222 " + b"x" * 9000)
    found = looked(Step("GET", f"{shop.url}/", headers={"X-Key": "s3cr3t-of-ours"}))
    assert found.excerpt.startswith(f"sent {MASK}, password={MASK} xxx")
    assert len(found.excerpt.encode()) == EXCERPT


def test_a_key_that_the_answer_says_again_is_kept_nowhere(shop):
    shop.answers(200, body=b'{"headers": {"Authorization": "Bearer s3cr3t-of-ours"}, "key": "s3cr3t-of-ours"}')
    step = Step("GET", f"{shop.url}/", json_path="headers.Authorization", json_value="x", headers={"Authorization": "Bearer s3cr3t-of-ours"})
    found = looked(step)
    assert (found.fault, found.facts) == (Fault.JSON, {"path": "headers.Authorization", "value": MASK, "expected": "x"})
    assert looked(replace(step, json_path="key")).facts["value"] == MASK
    assert "s3cr3t" not in found.excerpt


def test_a_binary_answer_leaves_no_excerpt(shop):
    shop.answers(500, body=b"\x89PNG\x00\x01")
    assert looked(Step("GET", f"{shop.url}/")).excerpt == ""


def test_a_body_is_read_to_its_limit_only(shop):
    shop.answers(200, body=b"x" * (MOST_BYTES + 100_000))
    found = looked(Step("GET", f"{shop.url}/"))
    assert (found.ok, found.size) == (True, MOST_BYTES)
    assert looked(Step("GET", f"{shop.url}/", contains="the end")).fault == Fault.TEXT_CUT


def test_five_redirects_are_followed_and_not_six(shop):
    def respond(request, write):
        left = int(request.path[1:])
        return (302, {"Location": f"/{left - 1}"}, b"") if left else (200, {}, b"there")

    shop.respond = respond
    assert looked(Step("GET", f"{shop.url}/5", contains="there")).ok is True
    assert looked(Step("GET", f"{shop.url}/6")).fault == Fault.REDIRECTS


def test_nobody_there(shop):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    found = looked(Step("GET", f"http://127.0.0.1:{port}/"))
    assert (found.fault, found.status, found.first_ms, found.size) == (Fault.UNREACHABLE, None, None, None)
    assert "refused" in found.facts["error"]


def test_a_name_that_leads_nowhere(shop, monkeypatch):
    def nowhere(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    assert looked(Step("GET", "http://shop.invalid/")).fault == Fault.NO_NAME


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.7", "[::1]", "[::ffff:127.0.0.1]", "localhost"])
def test_an_address_inside_is_not_called(shop, public_only, host):
    assert looked(Step("GET", f"http://{host}:{shop.port}/")).fault == Fault.REFUSED
    assert shop.requests == []


def test_a_redirect_to_an_address_inside_is_not_followed(shop, settings, monkeypatch):
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = False
    # The one address that this test calls public.
    monkeypatch.setattr("opsportal.outgoing.address._is_public", lambda address: str(address) == "127.0.0.1")
    shop.answers(302, Location=f"http://127.0.0.2:{shop.port}/latest/meta-data")
    found = looked(Step("GET", f"{shop.url}/"))
    assert (found.fault, [request.path for request in shop.requests]) == (Fault.REFUSED, ["/"])


def test_the_time_limit_holds_for_a_server_that_drips(shop):
    stop = threading.Event()

    def drip(request, write):
        write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while write(b"x") and not stop.wait(0.05):
            pass

    shop.respond = drip
    found = looked(Step("GET", f"{shop.url}/"), time_limit=1)
    stop.set()
    assert (found.fault, found.facts, found.ms >= 1000) == (Fault.TOO_SLOW, {"seconds": 1}, True)


def test_the_time_limit_is_for_all_steps_together(shop):
    """Each of the two takes less than it, both take more."""
    never = threading.Event()

    def respond(request, write):
        never.wait(0.6)
        return 200, {}, b""

    shop.respond = respond
    assert looked(Step("GET", f"{shop.url}/1"), Step("GET", f"{shop.url}/2"), time_limit=1).fault == Fault.TOO_SLOW


def test_a_server_that_hangs_holds_up_no_other(shop):
    """The others have all been answered while it still hangs: it is let go only then."""
    others, seen = [f"/{number}" for number in range(8)], threading.Event()

    def respond(request, write):
        if request.path == "/hangs":
            return (200, {}, b"") if seen.wait(60) else (500, {}, b"")
        if {request.path for request in shop.requests} >= {*others, "/hangs"}:
            seen.set()
        return 200, {}, b""

    shop.respond = respond
    plans = [Plan((Step("GET", f"{shop.url}{path}"),), 30, probe_id=number) for number, path in enumerate(["/hangs", *others])]
    found = look_at_all(plans)
    assert {number: outcome.ok for number, outcome in found.items()} == dict.fromkeys(range(9), True)


def test_headers_that_cannot_be_opened_are_said_so(shop):
    assert looked(Step("GET", f"{shop.url}/", headers=None)).fault == Fault.SEALED
    assert shop.requests == []


def test_nothing_to_look_at_takes_no_threads():
    assert look_at_all([]) == {}
