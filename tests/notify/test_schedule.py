import random
from datetime import timedelta

import pytest

from notify import schedule


@pytest.mark.parametrize(("failures", "ceiling"), [(1, 15), (2, 30), (3, 60), (11, 15360), (12, 21600), (50, 21600), (10_000, 21600)])
def test_delay_is_anything_up_to_a_ceiling_that_doubles(failures, ceiling):
    random.seed(7)
    seconds = sorted(schedule.delay(failures).total_seconds() for _ in range(2000))
    assert (seconds[0] >= 1, seconds[-1] <= ceiling) == (True, True)
    # Full jitter: evenly from nothing to the ceiling, not a little around it.
    assert (seconds[0] < ceiling * 0.1, seconds[-1] > ceiling * 0.95) == (True, True)


def test_receiver_may_ask_for_more_patience_within_limits():
    assert schedule.delay(1, retry_after=600) == timedelta(seconds=600)
    assert schedule.delay(1, retry_after=10**8) == timedelta(hours=12)
    assert schedule.delay(1, retry_after=0) >= timedelta(seconds=1)
