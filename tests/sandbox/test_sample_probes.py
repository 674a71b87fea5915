"""The sample's probe: the same results on every machine, and a line of the review that is green on them."""

import pytest

from health.models import Probe, ProbeFlip, ProbeHour, ProbeResult
from opsportal import clock
from sandbox import sample_probes
from sandbox.calendar import Calendar
from sandbox.diary import Diary
from tests.answers import stand
from tests.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def probe():
    diary = Diary(Calendar(clock.now()))
    diary.people["diego"] = make_person(role="engineer").actor
    return sample_probes.load(diary, "http://127.0.0.1:8001")


def test_five_days_with_a_slow_half_hour_and_one_failure(probe):
    probe.refresh_from_db()
    assert (probe.state, probe.steps.get().url) == ("up", "http://127.0.0.1:8001/mercado-azul/feed.json")
    assert (ProbeResult.objects.filter(is_slow=True).count(), ProbeResult.objects.filter(ok=False).count()) == (6, 1)
    assert list(ProbeFlip.objects.order_by("at").values_list("after", flat=True)) == ["up", "failing", "up"]
    assert ProbeHour.objects.count() > 90
    last = ProbeResult.objects.latest("at")
    assert (probe.last_at, probe.last_ms, Probe.objects.get().turn) == (last.at, last.ms, ProbeResult.objects.count())


def test_the_review_has_its_load_time(probe):
    state, seconds = stand("feed-load")
    assert (state, 0.7 < seconds < 0.8) == ("ok", True)
