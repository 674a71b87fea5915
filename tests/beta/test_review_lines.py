from datetime import date, timedelta

import pytest
import time_machine

from beta import actions
from beta.models import Invite, Program, Refusal
from opsportal import clock
from tests.answers import check_answer, read, said_in, stand
from tests.beta.queries.test_desk import FRIDAY_NOON, seat_on
from tests.factories import make_household, make_invite
from tests.signing_in import sign_in


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


def ago(**length):
    return clock.now() - timedelta(**length)


def change(**fields):
    Program.objects.update(**fields)


def refuse(code, times=1, **length):
    Refusal.objects.bulk_create(Refusal(code=code, at=ago(**length or {"hours": 2})) for _number in range(times))


@pytest.mark.parametrize(("seats", "state"), [(0, "ok"), (8, "ok"), (9, "warn"), (10, "warn"), (11, "fail")])
def test_seats_warn_at_ninety_per_cent_and_fail_over_the_cap(db, seats, state):
    for _number in range(seats):
        make_household()
    change(cap=10)
    answer = read("beta-seats")
    assert (str(answer.state), answer.figure.value, answer.figure.of) == (state, seats, 10)
    assert [act.url for act in answer.acts] == ([] if state == "ok" else ["/ops/beta/stop/"])


def test_seats_say_when_the_last_one_goes(db):
    change(cap=5, starts_on=date(2026, 11, 16), days=14)
    seat_on(18, 2)
    seat_on(19, 2)
    with time_machine.travel(FRIDAY_NOON):
        assert said_in(read("beta-seats"), "en")[:2] == ["4 of 5", "1 seat is free. At 2 a day the last one goes on day 5 of 14."]


def test_seats_lead_to_the_households(signed_in):
    make_household()
    check_answer(read("beta-seats"), signed_in)


def test_seats_beyond_the_cap_and_none_left_are_said(db):
    make_household()
    make_household()
    change(cap=1)
    assert said_in(read("beta-seats"), "en")[1] == "1 household sits beyond the cap."
    change(cap=2)
    assert said_in(read("beta-seats"), "en")[1] == "Every seat is taken."


def test_open_signups_are_in_order(signed_in):
    check_answer(read("beta-stop"), signed_in)
    assert stand("beta-stop") == ("ok", 0)


def test_stop_without_a_reason_fails_and_asks_for_it(signed_in, owner):
    actions.stop_signups(actor=owner.actor, reason="")
    change(stopped_at=ago(hours=2, seconds=5))
    answer = read("beta-stop")
    check_answer(answer, signed_in)
    assert stand("beta-stop") == ("fail", 120)
    assert [(act.url, act.permission) for act in answer.acts] == [("/ops/beta/", "beta.stop_signups"), ("/ops/beta/resume/", "beta.resume_signups")]


def test_stop_with_a_reason_warns(signed_in, owner):
    actions.stop_signups(actor=owner.actor, reason="105 households")
    answer = read("beta-stop")
    check_answer(answer, signed_in)
    assert (str(answer.state), [act.url for act in answer.acts]) == ("warn", ["/ops/beta/resume/"])
    assert said_in(answer, "en")[1].endswith(" by Ana Souza (CTO): 105 households")


def test_stop_of_the_environment_warns_and_names_the_host(signed_in):
    change(env_stops=["web-1"], env_stopped_at=ago(hours=1, seconds=5))
    answer = read("beta-stop")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value, answer.acts) == ("warn", 60, ())
    assert said_in(answer, "en")[1].endswith("BETA_SIGNUPS_PAUSED of web-1.")


@pytest.mark.parametrize(
    ("code", "times", "state"),
    [("cap_reached", 1, "warn"), ("signups_stopped", 1, "warn"), ("gate_unavailable", 1, "warn"), ("invites_paused", 1, "warn"), ("invite_used", 20, "ok"),
     ("invite_used", 21, "warn"), ("household_removed", 30, "ok")],
)  # fmt: skip
def test_refusals_warn_where_it_was_us_or_somebody_guesses(signed_in, code, times, state):
    refuse(code, times)
    check_answer(read("beta-refusals"), signed_in)
    assert stand("beta-refusals") == (state, times)


def test_refusals_name_their_reasons_and_leave_out_what_is_older(signed_in):
    refuse("invite_unknown", 3)
    refuse("invite_used", 1)
    refuse("cap_reached", 5, hours=25)
    answer = read("beta-refusals")
    assert said_in(answer, "en") == ["4", "Invite unknown 3, Invite already used 1.", "Invite unknown", "Invite already used", "All refusals"]


def test_no_refusals_are_in_order(signed_in):
    check_answer(read("beta-refusals"), signed_in)
    assert stand("beta-refusals") == ("ok", 0)


def test_invites_count_what_is_left_and_what_expires_soon(signed_in):
    make_invite(max_uses=3)
    make_invite(expires_at=clock.now() + timedelta(hours=47))
    make_invite(expires_at=clock.now() + timedelta(hours=49))
    make_invite(expires_at=ago(hours=1))
    make_invite(revoked_at=ago(hours=1))
    used = make_invite()
    Invite.objects.filter(pk=used.pk).update(uses=1)
    answer = read("beta-invites")
    check_answer(answer, signed_in)
    assert stand("beta-invites") == ("ok", 5)
    assert said_in(answer, "en")[1] == "1 of them expires within 48 hours."


@pytest.mark.parametrize(
    ("fields", "state"),
    [({}, "warn"), ({"cap": 0}, "ok"), ({"invite_only": False}, "ok"), ({"invites_paused_at": "now", "invites_paused_by": "Ana"}, "ok")],
)
def test_no_invites_warn_only_where_they_are_needed(signed_in, fields, state):
    change(**{name: clock.now() if value == "now" else value for name, value in fields.items()})
    check_answer(read("beta-invites"), signed_in)
    assert stand("beta-invites") == (state, 0)


@pytest.mark.parametrize(("key", "most"), [("beta-seats", 3), ("beta-stop", 1), ("beta-refusals", 1), ("beta-invites", 2)])
def test_number_of_queries_does_not_grow(db, django_assert_max_num_queries, key, most):
    change(starts_on=clock.today())
    for _number in range(3):
        make_household(invite=make_invite())
        refuse("invite_used")
    with django_assert_max_num_queries(most):
        read(key)
