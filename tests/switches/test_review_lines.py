import pytest

from audit.actors import Actor
from switches import actions
from tests.answers import check_answer, read, said_in, stand
from tests.signing_in import sign_in

SYSTEM = Actor.system("tests")


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


def test_switches_that_are_on_are_in_order(signed_in):
    check_answer(read("switches-off"), signed_in)
    assert stand("switches-off") == ("ok", 0)


def test_switch_that_is_off_warns_and_can_be_turned_on(signed_in, owner):
    actions.turn_off(actor=owner.actor, name="ENABLE_ANTI_CILADA", reason="quiet")
    answer = read("switches-off")
    check_answer(answer, signed_in)
    assert stand("switches-off") == ("warn", 1)
    assert said_in(answer, "en")[1].endswith(" by Ana Souza (CTO): quiet")
    assert [(act.url, act.permission) for act in answer.acts] == [("/ops/switches/ENABLE_ANTI_CILADA/on/", "switches.turn_on")]


def test_switch_of_the_environment_cannot_be_turned_on_here(signed_in, monkeypatch):
    monkeypatch.setenv("ENABLE_ANTI_CILADA", "false")
    answer = read("switches-off")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.acts) == ("warn", ())
    assert said_in(answer, "en")[1] == "ENABLE_ANTI_CILADA is off by the environment."


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_does_not_grow(db, django_assert_num_queries, rows):
    for name in ("ENABLE_JOBS", "ENABLE_ANTI_CILADA", "ENABLE_PRICE_TRACKER")[:rows]:
        actions.turn_off(actor=SYSTEM, name=name, reason="quiet")
    with django_assert_num_queries(1):
        read("switches-off")
