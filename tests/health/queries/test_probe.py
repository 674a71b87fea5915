from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from health.models import Probe
from health.queries import down
from health.queries.probe import Figures, figures_of, find_probes, probe_counts, probe_rows, quarters_of, state_of
from opsportal import clock
from tests.factories import make_ping, make_probe, make_probe_result

MINUTE = timedelta(minutes=1)


def ago(**length):
    return clock.now() - timedelta(**length)


def test_the_figures_of_a_day(db):
    probe = make_probe()
    for number in range(20):
        make_probe_result(probe, at=ago(hours=5, minutes=number), ms=100 * (number + 1))
    make_probe_result(probe, at=ago(minutes=30), ms=5000)
    make_probe_result(probe, at=ago(hours=6), ok=False, ms=30_000)
    make_probe_result(probe, at=ago(hours=25), ms=60_000)
    assert figures_of([probe.pk]) == {probe.pk: Figures(22, 21, 1100.0, 2000.0, 5000.0, 1905.0)}
    assert round(figures_of([probe.pk])[probe.pk].availability, 1) == 95.5


def test_without_a_result_there_is_no_figure(db):
    assert figures_of([make_probe().pk]) == {}
    assert (Figures().availability, Figures(3, 0).availability) == (None, 0.0)


def test_the_quarters_of_a_day(db):
    probe, other = make_probe(), make_probe()
    quarters = quarters_of([probe.pk])[probe.pk]
    for place, fields in ((3, {}), (10, {"is_slow": True, "ms": 3000}), (20, {"ok": False})):
        make_probe_result(probe, at=quarters[place].at + MINUTE, **fields)
        make_probe_result(probe, at=quarters[place].at + 2 * MINUTE)
    make_probe_result(other, at=quarters[4].at + MINUTE)
    found = {one.at: one for one in quarters_of([probe.pk])[probe.pk]}
    known = {at: (one.tone, one.p95_ms) for at, one in found.items() if one.tone != "unknown"}
    assert known == {quarters[3].at: ("ok", 500.0), quarters[10].at: ("warn", 2875.0), quarters[20].at: ("fail", 500.0)}
    assert len(found) == 96


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "new"), ({"state": "up", "last_ms": 500}, "silent"), ({"state": "up", "minutes": 16, "last_ms": 1}, "silent"),
        ({"state": "up", "minutes": 14, "last_ms": 2000}, "up"), ({"state": "up", "minutes": 1, "last_ms": 2001}, "slow"),
        ({"state": "failing", "minutes": 1}, "failing"), ({"state": "down", "minutes": 1}, "down"), ({"state": "down", "minutes": 60}, "silent"),
        ({"state": "down", "minutes": 1, "paused": True}, "paused"),
    ],
)  # fmt: skip
def test_how_it_stands(db, fields, state):
    minutes = fields.pop("minutes", 600 if fields else None)
    paused = {"paused_at": clock.now()} if fields.pop("paused", False) else {}
    probe = make_probe(every_minutes=5, last_at=minutes and ago(minutes=minutes), **fields | paused)
    assert state_of(probe, clock.now()) == state


def test_counts_and_filters(db):
    for state in ("up", "up", "down"):
        make_probe(state=state)
    make_probe(state="down", paused_at=clock.now())
    assert probe_counts() == {"new": 0, "up": 2, "failing": 0, "down": 1, "paused": 1}
    assert [find_probes(state).count() for state in ("up", "down", "paused", "", "nonsense")] == [2, 1, 1, 4, 4]


def test_what_is_down_is_counted_in_one_statement(db):
    make_probe(state="down")
    make_probe(state="down", paused_at=clock.now())
    make_ping(verdict="down", why="fail")
    with CaptureQueriesContext(connection) as seen:
        assert down() == 2
    assert len(seen) == 1


@pytest.mark.parametrize("count", [0, 1, 3])
def test_rows_take_two_statements_for_any_number(db, count):
    for _number in range(count):
        make_probe_result(make_probe())
    probes = list(Probe.objects.all())
    with CaptureQueriesContext(connection) as seen:
        assert len(probe_rows(probes)) == count
    assert len(seen) == (2 if count else 0)
