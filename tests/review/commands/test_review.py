import json
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from opsportal import clock
from review import actions
from review.models import Review, ReviewLine
from tests.review.conftest import answer

MORNING = datetime(2026, 3, 10, 9, 5, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def moves(db, settings):
    settings.OPS_EVENING_REVIEW_AT, settings.OPS_EVENING_REVIEW_BY = time(18), time(19)
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def run(capsys, *arguments):
    """What it prints, and the code it ends with."""
    code = 0
    try:
        call_command("review", *arguments)
    except SystemExit as end:
        code = end.code
    return capsys.readouterr().out, code


def test_todays_lines_are_read_now_and_nothing_is_written(lines, capsys):
    lines("speed", lambda: answer("warn", 8.8, "percent"))
    lines("seats", group="beta")
    assert run(capsys) == (
        "Morning review, 10 March 2026: due\n\n"
        "Feed health\n  warn     Is speed well?: 8.8 % (under 5 %)\n           8.8 of them.\n\n"
        "Beta\n  ok       Is seats well?: 7 (under 5 %)\n           7 of them.\n\n"
        "1 ok, 1 warn, 0 fail, 0 unknown\n",
        0,
    )
    assert (Review.objects.count(), ReviewLine.objects.count()) == (0, 0)


@pytest.mark.parametrize(("states", "code"), [(["ok", "warn"], 0), (["ok", "unknown"], 2), (["unknown", "fail"], 1)])
def test_the_exit_code_says_how_it_stands(lines, capsys, states, code):
    for state in states:
        lines(state, lambda state=state: answer(state))
    assert run(capsys, "morning")[1] == code


def test_a_snoozed_fail_is_said_and_is_no_fail(lines, owner, capsys):
    lines("speed", lambda: answer("fail"))
    actions.snooze_line(actor=owner.actor, key="speed", until=MORNING + timedelta(hours=1), reason="the shop is down")
    text, code = run(capsys)
    assert (text.splitlines()[3], code) == ("  fail     Is speed well?: 7 (under 5 %) [snoozed: the shop is down]", 0)


def test_a_signed_review_is_printed_as_it_was(lines, owner, capsys, moves):
    states = iter(["fail", "ok"])
    lines("speed", lambda: answer(next(states)))
    actions.begin_review(actor=owner.actor, kind="morning")
    actions.sign_review(actor=owner.actor, kind="morning", day=clock.today(), reason="known")
    same_day = run(capsys, "morning")
    moves.shift(timedelta(days=2))
    text, code = run(capsys, "morning", "--day", "2026-03-10")
    assert (text, code) == same_day
    assert (text.splitlines()[0], code) == ("Morning review, 10 March 2026: signed (Ana Souza (CTO))", 1)
    assert text.splitlines()[-1] == "0 ok, 0 warn, 1 fail, 0 unknown"


def test_json(lines, capsys):
    lines("speed", lambda: answer("warn", 8.8, "percent"))
    text, code = run(capsys, "evening", "--json")
    said = json.loads(text)
    assert code == 0
    assert (said["kind"], said["day"], said["status"], said["counts"]["warn"]) == ("evening", "2026-03-10", "waiting", 1)
    assert said["lines"] == [
        {
            "key": "speed", "group": "feed", "question": "Is speed well?", "threshold": "under 5 %", "state": "warn",
            "figure": {"value": 8.8, "unit": "percent", "of": None}, "detail": "8.8 of them.", "snoozed_until": None,
        }
    ]  # fmt: skip


def test_without_a_kind_it_is_the_review_of_the_hour(lines, capsys, moves):
    moves.move_to(MORNING.replace(hour=18))
    assert run(capsys)[0].startswith("Evening review, 10 March 2026")


@pytest.mark.parametrize("day", ["2026-03-09", "10.3.2026"])
def test_a_day_without_a_review_and_no_day(lines, day):
    with pytest.raises(CommandError):
        call_command("review", "morning", "--day", day)
