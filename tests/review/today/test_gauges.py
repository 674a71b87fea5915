"""Figures at a glance, and what is shown of samples."""

from datetime import timedelta

from django.utils.timezone import get_default_timezone

from opsportal import clock
from opsportal.lines import State
from opsportal.needs import Gauge
from opsportal.words import Figure
from review.models import Sample
from review.queries.course import courses
from review.today.gauges import glances_of


def sample(key="feed-poor", *, minutes=5, value=4.0, state="ok"):
    figure = {"value": value, "unit": "percent"} if value is not None else {}
    return Sample.objects.create(key=key, at=clock.now() - timedelta(minutes=minutes), state=state, value=value, figure=figure)


def glances(rf, person):
    request = rf.get("/ops/")
    request.user = person
    return [(one.tile.figure, one.tile.unit, one.tile.tone, one.tile.limit.split(" · ")[0]) for one in glances_of(request)]


def sampled(request):
    return Gauge("Feeds", Figure(), State.UNKNOWN, "under 5 %", "/ops/feed/", line="feed-poor")


def test_a_dear_figure_is_the_newest_samples_with_its_time(rf, owner, only):
    only(gauges=[sampled])
    sample(minutes=90, value=9.0)
    newest = sample(value=4.5, state="warn")
    request = rf.get("/ops/")
    request.user = owner
    (one,) = glances_of(request)
    assert (one.tile.figure, one.tile.unit, one.state, one.tile.values) == ("4.5", "%", State.WARN, (9.0, 4.5))
    at = newest.at.astimezone(get_default_timezone())
    assert one.tile.limit == f"under 5 % · as of {at:%H:%M}"
    assert one.tile.course == "Feeds in 24 hours: between 4.5 % and 9 %"


def test_an_old_sample_says_nothing_of_now(rf, owner, only):
    only(gauges=[sampled])
    assert glances(rf, owner) == [("–", "", "unknown", "under 5 %")]
    sample(minutes=120)
    assert glances(rf, owner) == [("4", "%", "unknown", "under 5 %")]
    Sample.objects.update(at=clock.now() - timedelta(hours=25))
    assert glances(rf, owner) == [("–", "", "unknown", "under 5 %")]


def test_a_figure_that_is_known_is_shown_whatever_was_sampled(rf, owner, only):
    only(gauges=[lambda request: Gauge("Seats", Figure(57, of=100), State.OK, "warns at 90", "/ops/beta/", line="feed-poor")])
    sample(state="fail")
    assert glances(rf, owner) == [("57", "of 100", "ok", "warns at 90")]


def test_a_gauge_that_fails_is_unknown_and_one_without_an_answer_is_left_out(rf, owner, only):
    def breaks(request):
        raise RuntimeError("no")

    breaks.__module__ = "catalog.needs"
    only(gauges=[breaks, lambda request: None])
    assert glances(rf, owner) == [("–", "", "unknown", "could not find out")]


def test_courses_of_all_lines_are_one_query(db, django_assert_num_queries):
    for key in ("a", "b"):
        sample(key, minutes=30, value=None, state="unknown")
        sample(key, value=2.0)
    with django_assert_num_queries(1):
        found = courses(["a", "b", "c"])
    assert {key: course.values for key, course in found.items()} == {"a": (None, 2.0), "b": (None, 2.0)}


def test_money_is_not_torn_apart(rf, owner, only):
    only(gauges=[lambda request: Gauge("Paid", Figure(2990, "BRL"), State.OK, "", "/ops/billing/")])
    (one,) = glances(rf, owner)
    assert one[:2] == ("R$29.90", "")
