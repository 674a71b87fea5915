"""What is true of every line of the reviews, whichever app it is of."""

import re

import pytest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import exists
from opsportal.lines import Answer, Line, State, all_lines, register_line, unregister_line
from opsportal.words import Figure
from review.answering import ask_line
from tests.answers import check_kept

KEYS = [line.key for line in all_lines()]
# A line's questions to the database, whatever the amount of data.
MOST_QUERIES = 6


def wrong_with(line: Line) -> list[str]:
    """What a line's declaration lacks."""
    found = []
    if not re.fullmatch(r"[a-z]+([-_][a-z0-9]+)*", line.key) or len(line.key) > 60:
        found.append("key")
    if not all(isinstance(text, Promise) for text in (line.question, line.threshold)):
        found.append("words not translated for each reader")
    if not exists(line.permission):
        found.append("permission")
    if not 0 < line.seconds <= 10 or not line.reviews:
        found.append("limits")
    return found


def test_every_line_is_declared_in_full():
    assert {line.key: wrong_with(line) for line in all_lines() if wrong_with(line)} == {}
    assert len(KEYS) > 20


def test_the_check_finds_a_planted_violation():
    line = Line("Wrong Key", "jobs", "Not translated", _("none"), lambda: Answer(State.OK), "jobs.nothing", seconds=60.0)
    assert wrong_with(line) == ["key", "words not translated for each reader", "permission", "limits"]


def test_every_line_answers_of_an_empty_portal(db, django_assert_max_num_queries):
    for line in all_lines():
        with django_assert_max_num_queries(MOST_QUERIES):
            answer = line.read()
        check_kept(answer)


def test_no_line_writes(db):
    """Reviews read them in a transaction that refuses to."""
    assert {line.key: ask_line(line).error for line in all_lines()} == dict.fromkeys(KEYS, "")


def test_what_is_known_has_its_figure(db):
    answers = {line.key: line.read() for line in all_lines()}
    without = {key for key, answer in answers.items() if answer.state in (State.OK, State.WARN) and answer.figure == Figure()}
    assert without == set()


def test_a_line_that_writes_is_found(db):
    def write() -> Answer:
        from beta.models import Program

        Program.objects.update(cap=7)
        return Answer(State.OK)

    line = Line("trial-writes", "beta", _("Trial"), _("none"), write, "beta.view")
    register_line(line)
    try:
        assert ask_line(line).error != ""
    finally:
        unregister_line(line.key)


@pytest.mark.parametrize("group", ["feed", "jobs", "governance", "money", "beta"])
def test_no_two_lines_of_a_group_stand_at_one_place(group):
    places = [line.order for line in all_lines() if line.group == group]
    assert sorted(set(places)) == sorted(places)
