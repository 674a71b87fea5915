import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from opsportal.outgoing import BadAddress, Failed, Limits, Session, TooSlow, address
from tests.receiver import receiving


def test_session_makes_calls_as_bounded_as_one_call(receiver):
    over = threading.Event()
    receiver.respond = lambda request, write: (200, {"Set-Cookie": "a=b"}, b"x" * 50) if request.path == "/p" else over.wait(60) and None
    with Session() as session:
        first = session.call("GET", f"{receiver.url}/p", headers={"X-Mine": "1"}, limits=Limits(most_bytes=10))
        again = session.call("GET", f"{receiver.url}/p", limits=Limits())
        with pytest.raises(TooSlow):
            session.call("GET", f"{receiver.url}/slow", limits=Limits(total_seconds=0.5))
        over.set()
    assert (first.body, first.is_whole, again.body, again.is_whole) == (b"x" * 10, False, b"x" * 50, True)
    # Nothing is carried from one call to the next.
    assert ["cookie" in request.headers or "x-mine" in request.headers for request in receiver.requests[:2]] == [True, False]


def test_connection_is_kept_for_the_next_call(receiver, names, monkeypatch):
    names["kept.test"] = [["127.0.0.1"]]
    asked = []
    monkeypatch.setattr("opsportal.outgoing.address._look_up", _counting(asked))
    monkeypatch.setattr("tests.receiver.Handler.protocol_version", "HTTP/1.1")
    with Session() as session:
        for _call in range(5):
            session.call("GET", f"http://kept.test:{receiver.port}/", limits=Limits())
    assert (asked, len(receiver.requests)) == (["kept.test"], 5)


def _counting(asked):
    real = address._look_up

    def look_up(host, port, seconds):
        asked.append(host)
        return real(host, port, seconds)

    return look_up


def test_kept_connection_that_was_closed_meanwhile_is_opened_anew(receiver, monkeypatch):
    monkeypatch.setattr("tests.receiver.Handler.protocol_version", "HTTP/1.1")
    hang_up = []

    def respond(request, write):
        # Takes the second request of a connection down and says nothing to it.
        if len(receiver.requests) == 2:
            hang_up.append(request.path)
            return None
        return 200, {}, b"x"

    receiver.respond = respond
    with Session() as session:
        bodies = [session.call("GET", f"{receiver.url}/{number}", limits=Limits()).body for number in range(2)]
    assert (bodies, hang_up, [request.path for request in receiver.requests]) == ([b"x", b"x"], ["/1"], ["/0", "/1", "/1"])


def test_new_connection_that_fails_is_not_tried_again(receiver):
    receiver.respond = lambda request, write: None
    with Session() as session, pytest.raises(Failed):
        session.call("GET", receiver.url, limits=Limits())
    assert len(receiver.requests) == 1


def test_session_calls_no_address_inside(guarded, names):
    names["inside.test"] = [["127.0.0.1"]]
    with Session() as session, receiving() as inside:
        for host in ("127.0.0.1", "inside.test"):
            with pytest.raises(BadAddress):
                session.call("GET", f"http://{host}:{inside.port}/", limits=Limits())
        assert inside.requests == []


def test_threads_have_deadlines_of_their_own(receiver):
    over = threading.Event()
    receiver.respond = lambda request, write: (200, {}, b"x") if over.wait(2.0 if request.path == "/patient" else 60) or True else None
    with Session() as session, ThreadPoolExecutor(2) as threads:
        hasty = threads.submit(session.call, "GET", f"{receiver.url}/hasty", limits=Limits(total_seconds=0.5))
        patient = threads.submit(session.call, "GET", f"{receiver.url}/patient", limits=Limits(total_seconds=60))
        assert patient.result().body == b"x"
        assert isinstance(hasty.exception(), TooSlow)
        over.set()
