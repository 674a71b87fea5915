import json
from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from opsportal import clock
from switches.models import Switch

pytestmark = pytest.mark.django_db
NAME = "ENABLE_PRICE_TRACKER"


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_off_and_on_are_recorded_as_the_command_line():
    assert f"{NAME} is off, version " in run("switch", NAME, "off", "--reason", "shops block us")
    row = AuditLog.objects.latest("id")
    assert (row.actor_kind, row.action_type, row.reason) == ("cli", "TURN_SWITCH_OFF", "shops block us")
    assert f"{NAME} is on, version " in run("switch", NAME, "on", "--reason", "fixed")
    assert Switch.objects.get(pk=NAME).is_on is True


def test_on_says_that_the_environment_still_wins(monkeypatch):
    run("switch", NAME, "off", "--reason", "x")
    monkeypatch.setenv(NAME, "false")
    assert f"The environment variable {NAME} still forces it off here" in run("switch", NAME, "on", "--reason", "fixed")


@pytest.mark.parametrize(("text", "length"), [("30m", timedelta(minutes=30)), ("2h", timedelta(hours=2)), ("1d", timedelta(days=1))])
def test_until_may_be_a_length(text, length):
    before = clock.now()
    run("switch", NAME, "off", "--reason", "x", "--until", text)
    assert before + length <= Switch.objects.get(pk=NAME).off_until <= clock.now() + length


def test_until_may_be_a_time_of_the_teams_zone():
    day = (clock.today() + timedelta(days=2)).isoformat()
    assert "is off until" in run("switch", NAME, "off", "--reason", "x", "--until", f"{day}T09:00")
    assert Switch.objects.get(pk=NAME).off_until == datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=ZoneInfo("America/Sao_Paulo"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ENABLE_NOTHING", "off", "--reason", "x"), "There is no switch “ENABLE_NOTHING”."),
        (("nonsense\x00", "off", "--reason", "x"), "There is no switch “nonsense”."),
        ((NAME, "on", "--reason", "x"), f"{NAME} is on already."),
        ((NAME, "off", "--reason", " "), "Say why in a sentence."),
        ((NAME, "off", "--reason", "x", "--until", "soon"), "--until: “soon” is neither like 30m, 2h or 1d nor a time like 2026-11-23T09:00."),
        (
            (NAME, "off", "--reason", "x", "--until", "2026-13-45T99:00"),
            "--until: “2026-13-45T99:00” is neither like 30m, 2h or 1d nor a time like 2026-11-23T09:00.",
        ),
        ((NAME, "off", "--reason", "x", "--until", "2001-01-01T00:00"), "“Off until” is a time from now on, a year ahead at most."),
        ((NAME, "on", "--reason", "x", "--until", "1h"), "--until is for off."),
    ],
)
def test_a_refusal_is_one_line_and_changes_nothing(arguments, says):
    with pytest.raises(CommandError) as error:
        run("switch", *arguments)
    assert (str(error.value), Switch.objects.get(pk=NAME).is_on) == (says, True)


def test_without_a_reason_it_is_refused():
    with pytest.raises(CommandError, match="--reason"):
        run("switch", NAME, "off")


def test_switches_lists_them_in_words_and_as_json():
    run("switch", NAME, "off", "--reason", "shops block us", "--until", "2h")
    lines = run("switches").splitlines()
    assert (lines[0].split()[:2], lines[-1].split()[:2]) == (["ENABLE_JOBS", "on"], ["BETA_SIGNUPS_PAUSED", "open"])
    assert "shops block us" in next(line for line in lines if line.startswith(NAME))
    found = {each["name"]: each for each in json.loads(run("switches", "--json"))["switches"]}
    assert (found[NAME]["value"], found[NAME]["reason"], found[NAME]["seen"], found[NAME]["read_by"]) == (False, "shops block us", None, [])
    assert (found["ENABLE_JOBS"]["value"], found["BETA_SIGNUPS_PAUSED"]["value"]) == (True, False)
