from datetime import time

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from jobs import actions
from jobs.models import Schedule
from tests.jobs.views.conftest import text

PAGE = "/ops/jobs/trial/schedule/"
ANA = Actor.system("Ana")
HOURLY = {"was_every": "3600", "was_daily": "", "was_pause": "0"}
QUARTERS = {"kind": "every", "every": "15", "every_unit": "60", "daily_at": "", "pause": "10", "pause_unit": "60", "reason": "fresher", **HOURLY}


def schedule():
    found = Schedule.objects.get(pk="trial")
    return found.every_seconds, found.daily_at, found.min_interval


def test_form_begins_with_the_schedule_that_holds(cto, trial):
    response = cto.get(PAGE)
    form = response.context["form"]
    assert {name: form[name].value() for name in ("kind", "every", "every_unit", "pause")} == {
        "kind": "every",
        "every": 1,
        "every_unit": 3600,
        "pause": 0,
    }
    assert "Now: every hour at :00, without a minimum interval." in text(response)


def test_schedule_is_changed_with_a_reason(cto, trial):
    response = cto.post(PAGE, QUARTERS, follow=True)
    assert (response.redirect_chain, schedule()) == ([("/ops/jobs/trial/", 302)], (900, None, 600))
    assert "every 15 minutes" in text(response)
    row = AuditLog.objects.get()
    assert (row.action_type, row.reason, row.changes["every_seconds"]) == ("CHANGE_SCHEDULE", "fresher", [3600, 900])
    assert "changed a job's schedule fresher" in text(response)


def test_schedule_once_a_day(cto, trial):
    cto.post(PAGE, QUARTERS | {"kind": "daily", "every": "", "daily_at": "03:00"})
    assert schedule() == (None, time(3), 600)
    assert "daily at 03:00 (America/Sao_Paulo)" in text(cto.get("/ops/jobs/trial/"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"reason": " "}, "This field is required."),
        ({"every": ""}, "Say how often."),
        ({"kind": "daily"}, "Say at what time."),
        ({"kind": "daily", "daily_at": "25:00"}, "Enter a valid time."),
        ({"every": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"every": "169", "every_unit": "3600"}, "A week at most."),
        ({"pause": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"kind": "sometimes"}, "Select a valid choice."),
    ],
)
def test_wrong_values_are_errors_and_nothing_is_lost(cto, trial, wrong, says):
    typed = QUARTERS | {"reason": "fresher"} | wrong
    response = cto.post(PAGE, typed)
    assert (response.status_code, says in text(response), schedule()) == (422, True, (3600, None, 0))
    assert response.context["form"]["pause"].value() == typed["pause"]


def test_change_of_somebody_else_is_shown_and_not_overwritten(cto, trial):
    actions.change_schedule(actor=ANA, job="trial", reason="calmer", every_seconds=7200, min_interval=0)
    response = cto.post(PAGE, QUARTERS)
    page = text(response)
    assert (response.status_code, schedule()) == (422, (7200, None, 0))
    for words in ("Somebody changed this schedule meanwhile.", "Ana, ⏲: calmer", "every seconds 3600 7200"):
        assert words in page, words
    again = {name: response.context["form"][name].value() for name in QUARTERS}
    assert cto.post(PAGE, again).status_code == 302
    assert schedule() == (900, None, 600)


def test_preview_shows_due_times_and_saves_nothing(cto, trial):
    response = cto.post(PAGE, QUARTERS | {"preview": "1", "reason": ""})
    assert (response.status_code, len(response.context["due"]), schedule()) == (200, 3, (3600, None, 0))
    minutes = {due.minute % 15 for due in response.context["due"]}
    assert (minutes, "This field is required." in text(response), AuditLog.objects.count()) == ({0}, False, 0)


def test_preview_for_htmx_is_the_list_alone(cto, trial):
    response = cto.post(PAGE, QUARTERS | {"preview": "1"}, headers={"HX-Request": "true"})
    assert (response.content.decode().count("<li>"), b"<html" in response.content) == (3, False)
    wrong = cto.post(PAGE, QUARTERS | {"preview": "1", "every": "x"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, text(wrong)) == (200, "Not a schedule yet: something is missing or makes no sense.")
