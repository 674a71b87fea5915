from datetime import timedelta

import pytest

from jobs import cron_secrets
from opsportal import clock
from tests.jobs.calling import CURRENT, PREVIOUS, with_secret


@pytest.fixture(autouse=True)
def _secrets(settings):
    settings.CRON_SECRET, settings.CRON_SECRET_PREVIOUS = CURRENT, PREVIOUS


def used():
    return [(use.name, use.is_set, use.is_live, use.used_at, use.used_from) for use in cron_secrets.uses()]


def test_the_last_use_of_each_secret_is_known_and_moves_along(trial, settings, time_machine):
    begin = clock.now()
    time_machine.move_to(begin, tick=False)
    with_secret("wrong")
    assert used() == [("CRON_SECRET", True, True, None, None), ("CRON_SECRET_PREVIOUS", True, True, None, None)]
    with_secret(CURRENT)
    assert used() == [("CRON_SECRET", True, True, begin, "203.0.113.7"), ("CRON_SECRET_PREVIOUS", True, True, None, None)]
    # Told to the minute.
    time_machine.move_to(begin + timedelta(seconds=59), tick=False)
    with_secret(CURRENT, address="203.0.113.8")
    assert used()[0][3:] == (begin, "203.0.113.7")
    time_machine.move_to(begin + timedelta(seconds=60), tick=False)
    with_secret(CURRENT, address="")
    assert used()[0][3:] == (begin + timedelta(seconds=60), None)
    settings.CRON_SECRET, settings.CRON_SECRET_PREVIOUS = "the-next-secret-of-the-tests-0123456789", CURRENT
    assert used() == [("CRON_SECRET", True, True, None, None), ("CRON_SECRET_PREVIOUS", True, True, begin + timedelta(seconds=60), None)]
    settings.CRON_SECRET = ""
    assert [row[1:3] for row in used()] == [(False, False), (True, False)]


@pytest.mark.parametrize(
    ("current", "previous", "found"),
    [
        (CURRENT, PREVIOUS, []), (CURRENT, "", []), ("", "", []), ("x" * 31, "", ["jobs.W001"]), (CURRENT, "short", ["jobs.W001"]),
        ("", PREVIOUS, ["jobs.W001"]), ("short", "short", ["jobs.W001", "jobs.W001", "jobs.W002"]), (CURRENT, CURRENT, ["jobs.W002"]),
    ],
)  # fmt: skip
def test_check_says_what_is_wrong_with_the_secrets(settings, current, previous, found):
    settings.CRON_SECRET, settings.CRON_SECRET_PREVIOUS = current, previous
    said = cron_secrets.check()
    assert [message.id for message in said] == found
    assert [secret for message in said for secret in (current, previous) if secret and secret in message.msg] == []
