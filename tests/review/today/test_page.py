"""The page: its day, its verdict, its parts, and what it costs."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from beta.models import Program
from opsportal.lines import State
from opsportal.needs import Gauge, Need
from opsportal.words import Figure
from tests.review.today.everything import make_everything
from tests.review.today.test_needs import need, text

NOON = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MOST_QUERIES = 25


def gauge(state=State.OK, **fields):
    known = {"label": "Households", "figure": Figure(57, of=100), "state": state, "limit": "warns at 90", "url": "/ops/beta/"}
    return lambda request: Gauge(**known | fields)


@pytest.mark.parametrize(
    ("needs", "figures", "said"),
    [
        ("", "ok", "calm Nothing needs a person."),
        ("", "", "calm Nothing needs a person."),
        ("", "warn", "calm Nothing needs a person."),
        ("", "fail", "waits Nothing needs a person. 1 figure is beyond its limit."),
        ("warn", "ok", "waits 1 thing needs a person."),
        ("warn fail unknown", "unknown", "act now 3 things need a person."),
        ("unknown", "ok", "not known 1 thing needs a person."),
        ("", "ok unknown", "not known Nothing needs a person. 1 figure is not known."),
    ],
)
def test_verdict_is_calm_only_where_everything_is_known(ana, only, needs, figures, said):
    only(lambda request: [need(state=State(state)) for state in needs.split()], gauges=[gauge(State(state)) for state in figures.split()])
    page = text(ana.get("/ops/"))
    found = re.search(r'id="verdict"[^>]*>(.*?)</p>', page)[1]
    assert re.sub(r"<[^>]+>", "", found).strip() == f"{said} Nobody is on duty."
    assert ('class="tag is-ok"' in found) == said.startswith("calm")


@pytest.mark.parametrize(
    ("starts", "heading"),
    [
        (date(2026, 11, 16), "Friday 20 November, day 5 of 14"),
        (date(2026, 11, 6), "Friday 20 November"),
        (None, "Friday 20 November"),
    ],
)
def test_heading_says_the_programs_day_while_there_is_one(ana, only, starts, heading):
    only()
    Program.objects.update(starts_on=starts)
    with time_machine.travel(NOON, tick=False):
        assert f"<h1>{heading}</h1>" in text(ana.get("/ops/"))


def test_page_in_portuguese(client, owner, only):
    Person.objects.filter(pk=owner.pk).update(language="pt-br")
    Program.objects.update(starts_on=date(2026, 11, 16))
    only(lambda request: [need()], gauges=[gauge()])
    with time_machine.travel(NOON, tick=False):
        client.force_login(owner)
        page = text(client.get("/ops/"))
    assert ('<html lang="pt-br">' in page, "<h1>Sexta-feira, 20 de novembro" in page) == (True, True)


def test_nothing_at_all_is_said_quietly(ana, only):
    only()
    page = text(ana.get("/ops/"))
    for words in ("Nothing needs a person", "No note was left.", "Nobody changed anything", "Set the portal up"):
        assert words in page, words


def test_parts_that_fail_are_unknown_and_break_nothing(ana, only, monkeypatch):
    def breaks(*args, **values):
        raise RuntimeError("no")

    only(lambda request: [need("still there")])
    monkeypatch.setattr("review.today.changes.recent_acts", breaks)
    monkeypatch.setattr("review.today.upcoming.expiring", breaks)
    page = text(ana.get("/ops/"))
    for words in ("still there", "What changed could not be found out.", "What comes next could not be found out."):
        assert words in page, words


def test_what_is_asked_each_minute_is_the_needs_the_verdict_and_the_figures(ana, only):
    only(lambda request: [Need(1, State.FAIL, "Money")], gauges=[gauge()])
    answer = ana.get("/ops/now")
    page = text(answer)
    assert re.findall(r'<(\w+)[^>]* id="(needs|verdict|figures)"[^>]*?( hx-swap-oob="true")?>', page) == [
        ("section", "needs", ""), ("p", "verdict", ' hx-swap-oob="true"'), ("section", "figures", ' hx-swap-oob="true"'),
    ]  # fmt: skip
    assert ("<html" in page, "no-store" in answer.headers["Cache-Control"]) == (False, True)


def test_page_costs_the_same_whatever_the_data(ana, owner):
    counts = []
    for number in (1, 5):
        with CaptureQueriesContext(connection):
            make_everything(owner, number)
        ana.get("/ops/")
        with CaptureQueriesContext(connection) as captured:
            page = text(ana.get("/ops/?all=1"))
        counts.append(len(captured))
        assert "Could not find out" not in page
    assert counts[0] == counts[1]
    assert counts[1] <= MOST_QUERIES, "\n".join(query["sql"][:150] for query in captured.captured_queries)
