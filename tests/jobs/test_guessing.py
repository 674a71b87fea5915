from datetime import timedelta

import pytest

from audit.models import AuditLog
from jobs.models import Run
from opsportal import clock
from tests.jobs.calling import CURRENT, PREVIOUS, bearer, call, refused, state, with_secret


@pytest.fixture(autouse=True)
def _secrets(settings):
    settings.CRON_SECRET, settings.CRON_SECRET_PREVIOUS = CURRENT, PREVIOUS


def test_the_eleventh_wrong_secret_within_a_minute_is_429(trial, time_machine):
    begin = clock.now()
    time_machine.move_to(begin, tick=False)
    assert [with_secret("wrong") for _ in range(10)] == [401] * 10
    time_machine.move_to(begin + timedelta(seconds=20), tick=False)
    answer = call(**bearer("ops_abc_def"))
    assert (refused(answer), answer["Retry-After"], answer.json()["retry_after"]) == ((429, "too_many_tries", None), "40", 40)
    assert answer.json()["detail"] == "Too many wrong secrets from your address: wrong ones get 429 for 40 s. A right one still works."
    # Neighbors, and whoever has the right one, are not shut out.
    assert with_secret("wrong", address="203.0.113.8") == 401
    assert (with_secret(CURRENT), state(Run.objects.get().pk).status_code) == (202, 200)
    time_machine.move_to(begin + timedelta(seconds=61), tick=False)
    assert with_secret("wrong") == 401


def test_addresses_of_one_ipv6_network_count_together(trial):
    answers = [with_secret("wrong", address=f"2001:db8::{number}") for number in range(1, 12)]
    assert answers == [401] * 10 + [429]
    assert with_secret("wrong", address="2001:db8:0:1::1") == 401


def test_the_address_is_the_one_that_our_proxy_saw(trial, settings):
    settings.OPS_PROXIES = 1
    answers = [call(**{"x-cron-secret": "wrong", "X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}).status_code for number in range(11)]
    assert answers == [401] * 10 + [429]


def test_calls_without_an_address_are_limited_too(trial):
    assert [with_secret("wrong", address="") for _ in range(11)] == [401] * 10 + [429]


def test_a_flood_of_guesses_is_one_audit_row(trial):
    for number in range(3):
        for _ in range(14):
            with_secret("wrong", address=f"203.0.113.{number}")
    row = AuditLog.objects.get()
    assert (row.action_type, row.actor_kind, row.entity_id, row.changes) == (
        "HOLD_BACK_GUESSES", "anonymous", "203.0.113.0", {"wrong_tries": [None, 10], "within_seconds": [None, 60]},
    )  # fmt: skip
