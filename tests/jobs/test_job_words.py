from datetime import time, timedelta

import pytest
from django.utils import translation

from jobs.models import ItemState, Run, Schedule, State
from jobs.templatetags import job_words as words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"), (0, "0 s"), (0.26, "0.3 s"), (9.94, "9.9 s"), (12.4, "12 s"), (119, "119 s"), (120, "2 min"), (200, "3 min 20 s"),
        (7200, "2 h"), (7500, "2 h 5 min"), (timedelta(seconds=42), "42 s"),
    ],
)  # fmt: skip
def test_length_of_time(seconds, said):
    assert words.lasting(seconds) == said


def test_length_of_time_by_locale():
    with translation.override("pt-br"):
        assert words.lasting(0.26) == "0,3 s"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "every second"), (30, "every 30 seconds"), (60, "every minute"), (900, "every 15 minutes"), (3600, "every hour at :00"), (7200, "every 2 hours"),
        (86400, "every 24 hours"),
    ],
)  # fmt: skip
def test_schedule_every_so_often(seconds, said):
    assert words.in_words(Schedule(every_seconds=seconds, min_interval=0)) == said


def test_schedule_once_a_day_names_the_zone():
    assert words.in_words(Schedule(daily_at=time(3, 5), min_interval=0)) == "daily at 03:05 (America/Sao_Paulo)"


def test_every_state_has_a_tone():
    tones = {state: words.run_tone(Run(state=state, failed_items=0)) for state in State}
    assert tones == {
        State.QUEUED: "unknown", State.RUNNING: "unknown", State.SUCCEEDED: "ok", State.STOPPED: "warn", State.FAILED: "fail",
        State.INTERRUPTED: "warn", State.REFUSED: "off",
    }  # fmt: skip
    assert words.run_tone(Run(state="succeeded", failed_items=1)) == "warn"
    assert set(words._ITEM_TONES) == set(ItemState)


def test_reason_of_a_refused_run_is_not_told_as_an_end():
    assert words.ended(Run(state="refused", ended_because="switch_off")) == "The job's switch is off."
    assert words.ended(Run(state="stopped", ended_because="switch_off")) == "The job's switch was turned off meanwhile."
    assert words.ended(Run(state="running", ended_because="")) == ""
