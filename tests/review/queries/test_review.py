from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from beta.models import Program
from opsportal.lines import State
from opsportal.words import Figure
from review import actions
from review.models import Review, Sample
from review.queries.review import is_expected, page_of, standing_today
from tests.factories import make_person
from tests.review.conftest import answer

MORNING = datetime(2026, 3, 10, 9, 5, tzinfo=timezone.get_default_timezone())
DAY = MORNING.date()
YESTERDAY = DAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def moves(db, settings):
    settings.OPS_MORNING_REVIEW_AT, settings.OPS_MORNING_REVIEW_BY = time(9), time(10)
    Program.objects.update(starts_on=YESTERDAY, days=3)
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def begin(kind="morning"):
    return actions.begin_review(actor=make_person(role="cto").actor, kind=kind)


def test_a_review_that_nobody_began_lists_its_lines(lines):
    lines("speed")
    page = page_of("morning", DAY)
    line = page.line("speed")
    assert (page.begun, page.standing.status, page.standing.can_begin, page.pending) == (None, "due", True, 0)
    assert (line.state, line.pending, str(line.error), str(line.figure)) == (State.UNKNOWN, False, "It was not read yet.", "no figure")
    assert page.counts == {"ok": 0, "warn": 0, "fail": 0, "unknown": 1}


def test_lines_stand_in_the_manuals_order(lines):
    lines("a-seat", group="beta")
    lines("z-first", order=1)
    lines("a-second", order=2)
    lines("not-in-the-morning", reviews=("evening",))
    begin()
    page = page_of("morning", DAY)
    assert [(group.key, str(group.label), [line.key for line in group.lines]) for group in page.groups] == [
        ("feed", "Feed health", ["z-first", "a-second"]), ("beta", "Beta", ["a-seat"]),
    ]  # fmt: skip


def test_figures_of_the_page(lines, owner, moves):
    for key, state in (("a", "ok"), ("b", "warn"), ("c", "fail"), ("d", "fail")):
        lines(key, lambda state=state: answer(state))
    begin()
    actions.snooze_line(actor=owner.actor, key="d", until=MORNING + timedelta(hours=1), reason="known")
    actions.tick_line(actor=owner.actor, kind="morning", day=DAY, key="a")
    page = page_of("morning", DAY)
    assert page.counts == {"ok": 1, "warn": 1, "fail": 2, "unknown": 0}
    assert [line.key for line in page.open_fails] == ["c"]
    assert ([line.key for line in page.unticked], page.ticked, page.total, page.figures_at) == (["b", "c", "d"], 1, 4, MORNING)
    moves.shift(timedelta(hours=1))
    assert [line.key for line in page_of("morning", DAY).open_fails] == ["c", "d"]


def test_what_a_person_may_not_see_is_left_out(lines, viewer, owner):
    lines("all")
    lines("some", lambda: answer("fail"), permission="review.do")
    begin()
    page = page_of("morning", DAY)
    seen = page.for_person(viewer)
    assert ([line.key for line in seen.lines], seen.hidden, seen.total, seen.open_fails) == (["all"], 1, 1, [])
    assert page.for_person(owner) == page


def test_yesterdays_figure_is_the_signed_reviews(lines, moves, owner):
    values = iter([3, 4])
    lines("speed", lambda: answer("warn", next(values)))
    moves.move_to(MORNING - timedelta(days=1))
    begin()
    actions.sign_review(actor=owner.actor, kind="morning", day=YESTERDAY)
    moves.move_to(MORNING)
    Sample.objects.create(key="speed", at=MORNING - timedelta(days=1, minutes=1), state="ok", value=9, figure=Figure(9).to_json())
    begin()
    before = page_of("morning", DAY).line("speed").before
    assert (before.day, before.state, before.figure) == (YESTERDAY, State.WARN, Figure(3))


def test_yesterdays_figure_without_a_review_is_the_sample_of_that_hour(lines):
    lines("speed")
    for hours, value in ((-2, 1), (0, 2), (1, 3)):
        at = MORNING - timedelta(days=1) + timedelta(hours=hours)
        Sample.objects.create(key="speed", at=at, state="fail", value=value, figure=Figure(value).to_json())
    lines("older")
    Sample.objects.create(key="older", at=MORNING - timedelta(days=2, minutes=1), state="ok")
    page = page_of("morning", DAY)
    assert (page.line("speed").before.figure, page.line("speed").before.state) == (Figure(2), State.FAIL)
    assert page.line("older").before is None


def test_the_note_of_the_review_before(lines, moves, owner):
    moves.move_to(MORNING - timedelta(days=1))
    for kind in ("morning", "evening"):
        begin(kind)
        actions.note_review(actor=owner.actor, kind=kind, day=YESTERDAY, note=f"yesterday's {kind}", seen="")
    moves.move_to(MORNING)
    assert page_of("evening", YESTERDAY).earlier_note.text == "yesterday's morning"
    assert page_of("morning", DAY).earlier_note.text == "yesterday's evening"
    begin()
    assert page_of("morning", DAY).earlier_note.text == "yesterday's evening"
    # The last one before it left none: what came before that is old.
    assert page_of("evening", DAY).earlier_note is None
    begin("evening")
    actions.note_review(actor=owner.actor, kind="evening", day=DAY, note="later", seen="")
    assert page_of("morning", DAY).earlier_note.text == "yesterday's evening"


def test_the_number_of_queries_does_not_grow_with_the_lines(lines, django_assert_num_queries):
    lines("first")
    begin()
    with django_assert_num_queries(7):
        page_of("morning", DAY)
    for number in range(20):
        lines(f"more-{number}")
    with django_assert_num_queries(7):
        page_of("morning", DAY)


def test_days_of_the_program_are_expected():
    assert [is_expected(YESTERDAY + timedelta(days=day)) for day in (-1, 0, 2, 3)] == [False, True, True, False]


def test_standing_today(django_assert_num_queries):
    with django_assert_num_queries(2):
        assert standing_today("morning").status == "due"
    Review.objects.create(kind="morning", day=DAY, begun_by="x", begun_by_id="1")
    assert standing_today("morning").status == "begun"
