from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import RequestFactory

from beta.models import SupportMessage
from beta.queries.support import Day, find_messages, household_named, is_overdue, open_messages, overdue_messages, support_day, thread_of
from beta.support_line import LINE, read
from beta.support_needs import needs
from opsportal.lines import State
from opsportal.words import Figure
from tests.factories import make_household, make_support_message

pytestmark = pytest.mark.django_db
# 12:00 in São Paulo.
NOON = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False):
        yield NOON


def message(hours: float, **fields) -> SupportMessage:
    """Received so many hours before noon."""
    return make_support_message(received_at=NOON - timedelta(hours=hours), **fields)


def found(**wanted) -> set[SupportMessage]:
    return set(find_messages(**wanted).rows)


def test_lists_by_state_kind_and_person(noon, support):
    is_open, mine = message(1), message(2, state="assigned", assignee=support)
    answered, complaint = message(3, answered_at=NOON), message(4, kind="complaint")
    assert found() == {is_open, mine, complaint}
    assert found(state="mine", person_id=support.pk) == {mine}
    assert found(state="answered") == {answered}
    assert found(state="all", kind="complaint") == {complaint}
    assert open_messages() == 3


def test_text_is_found_in_the_message_and_in_the_name_of_its_household(noon):
    household = make_household(name="Casa Nogueira", household_key="hh-nog", email="nog@example.com")
    written, linked = message(1, body="The COFFEE costs\ntoo much", subject="Wrong price"), message(2, household=household)
    message(3)
    assert found(text="coffee price") == {written}
    assert found(text="NOGUEIRA") == found(text="hh-nog") == found(text="nog@example.com") == {linked}
    assert found(text="100%_") == found(text="\x00") - found() == set()


def test_conversation_is_one_clients_with_the_oldest_first(noon):
    later, first = message(1, thread="t", client_id=7), message(2, thread="t", client_id=7)
    other, lonely = message(1, thread="t", client_id=8), message(1)
    assert [thread_of(one) for one in (later, first, other, lonely)] == [[first, later], [first, later], [other], [lonely]]


def test_complaints_wait_four_hours_and_others_a_day(noon):
    late = [message(hours, kind=kind) for hours, kind in ((25, "question"), (24.1, "praise"), (4.1, "complaint"))]
    in_time = [message(hours, kind=kind) for hours, kind in ((23.9, "bug"), (3.9, "complaint"))]
    answered = message(30, answered_at=NOON)
    assert list(overdue_messages()) == late
    assert [is_overdue(one) for one in (*late, *in_time, answered)] == [True] * 3 + [False] * 3


def test_household_is_named_by_id_key_or_address():
    household = make_household(household_key="hh-a", email="a@example.com")
    assert [household_named(text) for text in (str(household.pk), " hh-a ", "A@example.com", "nobody", "")] == [[household]] * 3 + [[], []]


def test_day_counts_what_came_today_in_the_teams_zone(noon):
    message(12.1, kind="bug")
    for hours, kind in ((11.9, "question"), (1, "complaint"), (2, "complaint"), (3, "praise")):
        message(hours, kind=kind)
    for hours, took in ((5, 1), (6, 2), (30, 20)):
        message(hours, answered_at=NOON - timedelta(hours=hours - took))
    day = support_day()
    assert day == Day(5, 1, NOON - timedelta(hours=12.1), NOON - timedelta(hours=2), questions=3, complaints=2, bugs=0, praise=1, median=120.0)
    assert (day.due, day.is_overdue) == (7, False)


@pytest.mark.parametrize(
    ("waiting", "state", "figure"),
    [
        ([], State.OK, Figure(0)),
        ([(1, "question")], State.WARN, Figure(1, of=1)),
        ([(3.9, "complaint"), (23.9, "bug")], State.WARN, Figure(2, of=2)),
        ([(4.1, "complaint")], State.FAIL, Figure(1, of=1)),
        ([(24.1, "praise")], State.FAIL, Figure(1, of=1)),
    ],
)
def test_line_fails_when_somebody_waits_too_long(noon, waiting, state, figure):
    for hours, kind in waiting:
        message(hours, kind=kind)
    answer = read()
    assert (answer.state, answer.figure, len(answer.acts)) == (state, figure, bool(waiting))


def test_line_says_what_came_and_leads_to_who_has_waited_longest(noon, django_assert_num_queries):
    oldest = [message(hours, subject="Secret") for hours in (3, 2.5, 2, 1)]
    message(1, answered_at=NOON - timedelta(minutes=15))
    with django_assert_num_queries(2):
        answer = read()
    assert str(answer.detail) == ("Today: questions 5, complaints 0, bugs 0, praise 0; open from before: 0. Median time to the first answer: 45 min.")
    assert [link.url for link in answer.evidence] == ["/ops/beta/support/", *(f"/ops/beta/support/{one.pk}/" for one in oldest[:3])]
    assert (str(answer.evidence[1].label), answer.acts[0].url) == (
        "A question, waiting since 20 Nov, 09:00",
        f"/ops/beta/support/{oldest[0].pk}/",
    )
    assert (LINE.group, LINE.reviews) == ("users", ("evening",))


def test_line_on_a_quiet_day(noon):
    assert str(read().detail) == "Nobody wrote today, and nobody waits for an answer."


@pytest.fixture
def ask(rf: RequestFactory, viewer):
    request = rf.get("/ops/")
    request.user = viewer
    return request


def test_needs_are_three_complaints_and_one_line_for_the_rest(noon, ask, django_assert_num_queries):
    household = make_household(name="Casa A")
    for hours in (8, 7, 6, 5):
        message(hours, kind="complaint", household=household, subject=f"Wrong {hours}")
    message(30)
    message(1)
    with django_assert_num_queries(1):
        got = list(needs(ask))
    assert [(need.state, str(need.title), need.since and (NOON - need.since) / timedelta(hours=1)) for need in got] == [
        (State.FAIL, "Casa A complains, and nobody has answered", 8),
        (State.FAIL, "Casa A complains, and nobody has answered", 7),
        (State.FAIL, "Casa A complains, and nobody has answered", 6),
        (State.WARN, "2 more messages have waited too long for an answer", 30),
    ]
    assert [need.detail for need in got[:1]] == ["Wrong 8"]


def test_nobody_is_needed_while_nobody_waits_too_long(noon, ask):
    message(1, kind="complaint")
    assert list(needs(ask)) == []
