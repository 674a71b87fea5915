from decimal import Decimal

import pytest
from django.db import connection
from django.utils.translation import gettext_lazy, override

from opsportal.lines import Answer, State
from opsportal.words import Figure, Words
from review.answering import ask_line
from switches.models import Switch
from tests.review.conftest import answer

pytestmark = pytest.mark.django_db


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def settings_now():
    return sql("SELECT current_setting('statement_timeout') || current_setting('transaction_read_only')")


def test_a_line_answers_and_leaves_no_setting_behind(lines):
    before = settings_now()
    reading = ask_line(lines("speed", lambda: answer("warn", 8.8, "percent")))
    assert (reading.answer, reading.error, settings_now()) == (answer("warn", 8.8, "percent"), "", before)


def test_a_line_that_raises_is_unknown_and_keeps_its_secrets(lines):
    def read():
        raise ValueError("postgresql://ops:secret@db/ops")

    reading = ask_line(lines("speed", read))
    assert (reading.answer.state, reading.error) == (State.UNKNOWN, "failed")
    assert str(reading.answer.detail) == "It could not be computed (ValueError). The log says more."


def test_a_statement_is_cut_off_at_the_lines_limit(lines):
    before = settings_now()
    reading = ask_line(lines("speed", lambda: sql("SELECT pg_sleep(60)"), seconds=0.2))
    assert (reading.answer.state, reading.error) == (State.UNKNOWN, "timeout")
    assert str(reading.answer.detail) == "It took longer than its limit of 0.2 s."
    assert settings_now() == before


def test_no_statement_begins_after_the_limit(lines, monkeypatch):
    moments = iter([0.0, 1.0, 4.9, 5.1, 5.2])
    monkeypatch.setattr("review.answering.time.monotonic", lambda: next(moments))
    asked = []

    def read():
        for number in range(3):
            asked.append(number)
            sql("SELECT 1")

    assert ask_line(lines("speed", read)).error == "timeout"
    assert asked == [0, 1, 2]


def test_a_line_can_change_nothing(lines):
    def read():
        Switch.objects.update(description="x")
        return answer()

    assert ask_line(lines("speed", read)).error == "failed"
    assert not Switch.objects.filter(description="x").exists()


def test_a_database_that_is_away_is_said(lines):
    from django.db import OperationalError

    def read():
        raise OperationalError("connection to server failed: password=secret")

    reading = ask_line(lines("speed", read))
    assert (reading.error, str(reading.answer.detail)) == ("database", "The database did not answer.")


@pytest.mark.parametrize("value", [float("nan"), Decimal(1)])
def test_what_cannot_be_kept_is_unknown(lines, value):
    assert ask_line(lines("speed", lambda: Answer(State.OK, Figure(value)))).error == "failed"


def test_words_are_kept_in_english_whoever_asks(lines):
    with override("pt-br"):
        reading = ask_line(lines("speed", lambda: Answer(State.OK, detail=Words("%(what)s", {"what": str(gettext_lazy("Yes"))}))))
    assert reading.answer.detail.values == {"what": "Yes"}


def test_a_nul_byte_is_left_out(lines):
    assert ask_line(lines("speed", lambda: Answer(State.OK, detail=Words.plain("a\x00b")))).answer.detail == Words.plain("ab")
