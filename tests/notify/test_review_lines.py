from datetime import timedelta

import pytest

from notify.models import Message
from opsportal import clock
from tests.answers import check_answer, read, said_in, stand
from tests.factories import make_message
from tests.signing_in import sign_in


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


def owe(state, minutes=0):
    over = {} if state == "waiting" else {"finished_at": clock.now()}
    made = make_message(state=state, **over)
    Message.objects.filter(pk=made.pk).update(created_at=clock.now() - timedelta(minutes=minutes, seconds=5))


@pytest.mark.parametrize(
    ("messages", "state", "figure", "acts"),
    [([], "ok", 0, []), ([("waiting", 13), ("sent", 90), ("aside", 90)], "ok", 0, []), ([("waiting", 75)], "warn", 0, []),
     ([("dead", 75), ("dead", 1), ("waiting", 1)], "fail", 2, ["/ops/notify/retry/?state=dead"])],
)  # fmt: skip
def test_outbox_warns_when_late_and_fails_when_given_up(signed_in, messages, state, figure, acts):
    for message in messages:
        owe(*message)
    answer = read("notify-dead")
    check_answer(answer, signed_in)
    assert stand("notify-dead") == (state, figure)
    assert [act.url for act in answer.acts] == acts


def test_outbox_says_how_long_the_longest_waits(db):
    owe("waiting", 75)
    owe("dead", 1)
    assert said_in(read("notify-dead"), "en")[1] == "1 message was given up. The one that waits longest has waited for 75 minutes."


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_does_not_grow(db, django_assert_num_queries, rows):
    for _number in range(rows):
        owe("dead")
        owe("waiting", 75)
    with django_assert_num_queries(3):
        read("notify-dead")
