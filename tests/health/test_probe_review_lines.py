from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from health import needs
from health.review_lines import KEY
from opsportal import clock
from opsportal.lines import State
from opsportal.needs import STANDSTILL, TRUST
from tests.answers import check_answer, read, said_in, stand
from tests.factories import make_person, make_ping, make_probe, make_probe_result
from tests.signing_in import sign_in


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


def ago(**length):
    return clock.now() - timedelta(**length)


def watching(*, hours=(), last_hour=(), failed=0, looked=2, **fields):
    """A probe on the feed with looks of so many milliseconds, earlier and within the last hour; the last one so many minutes ago."""
    last_at = ago(minutes=looked) if looked else None
    probe = make_probe(name="Front page", watches_feed=True, **{"state": "up", "last_at": last_at, "last_ms": 500} | fields)
    for place, ms in enumerate(hours):
        make_probe_result(probe, at=ago(hours=3, minutes=place), ms=ms)
    for place, ms in enumerate(last_hour):
        make_probe_result(probe, at=ago(minutes=10 + place), ms=ms)
    for place in range(failed):
        make_probe_result(probe, at=ago(hours=4, minutes=place), ok=False, ms=100)
    return probe


@pytest.mark.parametrize(
    ("looks", "state", "seconds"),
    [
        ({"hours": [500] * 30, "last_hour": [600] * 5}, "ok", 0.6), ({"hours": [1999] * 9}, "ok", 2.0), ({"hours": [2000] * 9}, "fail", 2.0),
        ({"hours": [500] * 8 + [3000] * 8}, "fail", 3.0), ({"hours": [500] * 60, "last_hour": [3000] * 2}, "warn", 0.5),
        ({"hours": [500] * 20, "last_hour": [3000] * 10}, "warn", 3.0), ({"hours": [500] * 98, "failed": 2}, "warn", 0.5),
        ({"hours": [500] * 99, "failed": 1}, "ok", 0.5), ({"last_hour": [3000] * 3}, "fail", 3.0),
        ({"hours": [500] * 9, "state": "down"}, "fail", 0.5), ({"hours": [500] * 9, "state": "failing"}, "ok", 0.5),
        ({"failed": 3}, "unknown", None), ({}, "unknown", None), ({"hours": [500] * 9, "looked": 30}, "unknown", 0.5),
        ({"hours": [500] * 9, "state": "down", "looked": None}, "unknown", 0.5),
    ],
)  # fmt: skip
def test_the_feed_loads_fast_enough(db, signed_in, looks, state, seconds):
    watching(**looks)
    assert stand(KEY) == (state, seconds)
    check_answer(read(KEY), signed_in)


def test_without_a_probe_nobody_knows(db, signed_in):
    make_probe(state="up")
    assert stand(KEY) == ("unknown", None)
    check_answer(read(KEY), signed_in)


def test_a_paused_probe_is_no_ok(db, signed_in):
    watching(hours=[500], paused_at=clock.now(), paused_by="Ana", pause_reason="moving")
    answer = read(KEY)
    assert (answer.state, answer.acts[0].url.endswith("/resume")) == (State.UNKNOWN, True)
    assert "“Front page” is paused by Ana: moving" in said_in(answer, "en")
    check_answer(answer, signed_in)


def test_the_line_takes_two_statements(db):
    watching(hours=[500] * 3)
    with CaptureQueriesContext(connection) as seen:
        read(KEY)
    assert len(seen) == 2


@pytest.fixture
def seen(db):
    def ask(source, role="viewer"):
        request = RequestFactory().get("/")
        request.user = make_person(role=role)
        found = source(request)
        return found if found is None or hasattr(found, "figure") else list(found)

    return ask


def test_the_tile_says_the_same_as_the_line(seen):
    watching(hours=[500] * 20, last_hour=[3000] * 10)
    gauge = seen(needs.feed)
    assert (str(gauge.state), gauge.figure, gauge.line) == (*(read(KEY).state, read(KEY).figure), KEY)


def test_the_tile_without_a_probe_is_unknown(seen):
    gauge = seen(needs.feed)
    assert (gauge.state, gauge.figure.value, gauge.url) == (State.UNKNOWN, None, "/ops/health/")


def test_what_is_down_or_silent_needs_a_person(seen):
    make_probe(name="A up", state="up", last_at=ago(minutes=1), last_ms=5000)
    make_probe(name="B down", state="down", last_at=ago(minutes=1), last_fault="status", last_facts={"status": 503, "expected": "200", "step": 1})
    make_probe(name="C never")
    make_probe(name="D silent", state="up", last_at=ago(hours=2), watches_feed=True)
    make_probe(name="E paused", state="down", paused_at=clock.now())
    found = [(need.harm, need.state, need.title) for need in seen(needs.probes)]
    assert found == [
        (STANDSTILL, State.FAIL, "“B down” is down"), (TRUST, State.UNKNOWN, "Nobody knows whether “C never” is up"),
        (STANDSTILL, State.UNKNOWN, "Nobody knows whether “D silent” is up"),
    ]  # fmt: skip


def test_pings_that_are_down_need_a_person(seen):
    make_ping(name="Backup", verdict="down", verdict_at=ago(hours=1), why="fail", exit_status=3)
    make_ping(name="Fine")
    assert [(need.title, need.detail) for need in seen(needs.pings)] == [("“Backup” is down", "It ended with exit status 3.")]


@pytest.mark.parametrize("source", [needs.probes, needs.pings, needs.feed])
def test_who_may_not_see_health_is_told_nothing(seen, source, monkeypatch):
    watching(state="down")
    make_ping(verdict="down", why="fail")
    monkeypatch.setattr("accounts.models.Person.has_perm", lambda *args: False)
    assert seen(source) in (None, [])
