import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from beta.models import Program
from opsportal.lines import State
from opsportal.words import Figure
from review import actions
from review.history import draw
from review.models import Sample
from review.queries.history import TrendDay
from tests.review.conftest import answer
from tests.review.views.conftest import A_DAY, DAY, NOON, text

ALL = "/ops/reviews/"
TREND = "/ops/reviews/lines/speed/"


def sample(at, value, state="ok"):
    Sample.objects.create(key="speed", at=at, state=state, value=value, figure=Figure(value).to_json())


def sign(operator, kind="morning", **values):
    review = actions.begin_review(actor=operator.actor, kind=kind)
    return actions.sign_review(actor=operator.actor, kind=kind, day=review.day, **values)


def test_calendar_shows_both_reviews_of_each_day(diego, lines, operator, moves):
    lines("speed", lambda: answer("warn"))
    moves.move_to(NOON - A_DAY)
    sign(operator)
    moves.move_to(NOON)
    actions.begin_review(actor=operator.actor, kind="morning")
    page = text(diego.get(ALL))
    assert "Today, Tuesday 10 March day 4 of 14 Morning review 0 of 1 Begun at 09:05 by Diego Rocha (Engineer)" in page
    assert "Evening review waiting Due at 18:00, done by 19:00" in page
    assert "Monday 9 March day 3 1 warn , morning 9 Mar Diego Rocha (Engineer) missed , evening 9 Mar" in page
    assert page.count("missed") == 5
    assert "11 March" not in page


def test_calendar_without_a_program_says_what_to_do(diego, lines):
    Program.objects.update(starts_on=None)
    lines("speed")
    page = text(diego.get(ALL))
    assert ("No program has begun" in page, "Tuesday 10 March day" in page) == (True, False)


def test_calendar_lists_the_lines_with_their_course(diego, lines):
    lines("speed", reviews=("morning",))
    lines("secret", permission="nobody.has_it")
    sample(NOON - A_DAY / 2, 4)
    sample(NOON - A_DAY / 4, 9, "warn")
    page = diego.get(ALL)
    assert "Is speed well? morning under 5 % warn" in text(page)
    assert ("<polyline" in page.content.decode(), "secret" in page.content.decode()) == (True, False)


def test_calendar_takes_the_same_queries_for_many_days(diego, lines, operator, moves):
    lines("speed")
    diego.get(ALL)
    with CaptureQueriesContext(connection) as few:
        diego.get(ALL)
    for days in (3, 2, 1):
        moves.move_to(NOON - days * A_DAY)
        sign(operator)
    moves.move_to(NOON)
    with CaptureQueriesContext(connection) as many:
        diego.get(ALL)
    assert (len(many), len(few) <= 20) == (len(few), True)


def test_trend_shows_each_day_and_who_signed(diego, lines, operator, moves):
    lines("speed", lambda: answer("fail", 6), limit=5)
    moves.move_to(NOON - A_DAY)
    sign(operator, reason="known")
    moves.move_to(NOON)
    sample(NOON - 2 * A_DAY, 4)
    page = diego.get(TREND)
    assert "Limit: under 5 %." in text(page)
    assert "Monday 9 March day 3 fail 6 Morning review Diego Rocha (Engineer)" in text(page)
    assert "Sunday 8 March day 2 ok 4 the day's last reading" in text(page)
    assert "Tuesday 10 March day 4 not known – –" in text(page)
    html = page.content.decode()
    assert ('class="c-limit"' in html, "limit 5" in html, 'href="/ops/reviews/morning/2026-03-09/#line-speed"' in html) == (True, True, True)


def test_trend_of_a_line_that_was_never_read(diego, lines):
    lines("speed")
    assert "Nothing is known yet" in text(diego.get(TREND))


def test_trend_says_that_the_line_is_snoozed(diego, lines, operator):
    lines("speed")
    actions.snooze_line(actor=operator.actor, key="speed", until=NOON + A_DAY, reason="Known")
    assert "Snoozed until 11 Mar, 09:05 by Diego Rocha (Engineer): Known" in text(diego.get(TREND))


@pytest.mark.parametrize("permission", ["nobody.has_it", None])
def test_trend_of_no_line_of_the_persons_is_not_found(diego, lines, permission):
    if permission:
        lines("speed", permission=permission)
    assert diego.get(TREND).status_code == 404


def test_money_is_drawn_in_its_main_unit(lines):
    line = lines("speed", limit=500_00)
    points = [TrendDay(DAY - A_DAY, State.OK, Figure(1234_50, "BRL")), TrendDay(DAY, State.OK, Figure(300_00, "BRL"))]
    drawing = draw(line, points)
    assert drawing.rows == [("9 Mar", "1234.5"), ("10 Mar", "300")]
    assert [text.words for text in drawing.texts if "limit" in text.words] == ["limit R$500.00"]


def test_one_day_alone_is_a_bar(lines):
    assert len(draw(lines("speed"), [TrendDay(DAY, State.OK, Figure(3))]).boxes) == 1


def test_navigation_counts_what_is_due_today(diego, lines, operator):
    lines("speed")

    def count():
        item = diego.get(ALL).content.decode().split('href="/ops/reviews/"')[1].split("</a>")[0]
        return item.split("waiting for a person: </span>")[1].split("<")[0] if "waiting for a person" in item else ""

    assert count() == "1"
    Program.objects.update(starts_on=None)
    assert count() == ""
    actions.begin_review(actor=operator.actor, kind="morning")
    assert count() == "1"
    sign(operator)
    assert count() == ""
