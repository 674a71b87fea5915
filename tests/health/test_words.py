from datetime import timedelta

import pytest

from health import words
from health.models import Ping


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(60, "1 minute"), (90, "90 seconds"), (3600, "1 hour"), (5400, "1 hour 30 minutes"), (86400, "1 day"), (93660, "1 day 2 hours 1 minute"), (31536000, "365 days")],
)  # fmt: skip
def test_spans_in_words(seconds, said):
    assert words.span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.84, "0.8 s"), (9.9, "9.9 s"), (42.4, "42 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (0, "0.0 s")]
)
def test_durations_in_words(seconds, said):
    assert words.duration(timedelta(seconds=seconds)) == said


def test_schedules_in_words(settings):
    settings.TIME_ZONE = "Europe/Lisbon"
    assert words.schedule(Ping(every=timedelta(hours=1))) == "every hour"
    assert words.schedule(Ping(every=timedelta(hours=2))) == "every 2 hours"
    assert words.schedule(Ping(cron="0 3 * * *")) == "0 3 * * * (Europe/Lisbon)"
    assert words.schedule(Ping(cron="0 3 * * *", time_zone="UTC")) == "0 3 * * * (UTC)"
