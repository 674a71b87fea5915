import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings

from audit.actors import Actor
from audit.models import AuditLog
from beta.actions import change_program, claim_seat, pause_invites, release_seat, remove_household, stop_signups
from beta.actions.seat import Request
from beta.models import Household, Invite, Program
from beta.refusals import GateUnavailable, Refused
from opsportal import clock
from opsportal.errors import Conflict, Invalid
from tests.factories import make_household, make_invite

PRODUCT = Actor.system("product")


@pytest.fixture
def request_():
    """A request of an invited household, with a live invite behind it."""
    make_invite(code="LIVE")
    return Request("hh-a", "a@example.com", "Casa A", "LIVE", 7, "key-a")


def refused(request):
    with pytest.raises(Refused) as refusal:
        claim_seat(actor=PRODUCT, request=request)
    return refusal.value.code


def test_claim_takes_a_seat_and_a_use_and_leaves_one_row(db, request_):
    seat = claim_seat(actor=PRODUCT, request=request_)
    household = Household.objects.get()
    assert (seat.household_id, seat.seat, seat.cap, seat.seats_taken, seat.is_new) == (household.pk, 1, 100, 1, True)
    assert (household.source, household.invite.code, Invite.objects.get().uses) == ("api", "LIVE", 1)
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_id, row.changes) == ("CLAIM_SEAT", str(household.pk), {"status": [None, "active"], "seat": [None, 1]})


def test_same_request_again_gets_the_same_answer(db, request_):
    first = claim_seat(actor=PRODUCT, request=request_)
    make_household()
    again = claim_seat(actor=PRODUCT, request=request_)
    assert again == replace(first, is_new=False)
    assert (Household.objects.count(), AuditLog.objects.count(), Invite.objects.get().uses) == (2, 1, 1)


def test_same_key_with_another_body_is_refused(db, request_):
    claim_seat(actor=PRODUCT, request=request_)
    with pytest.raises(Invalid) as error:
        claim_seat(actor=PRODUCT, request=replace(request_, household_key="hh-b"))
    assert (error.value.code, error.value.status) == ("idempotency_mismatch", 422)


def test_same_key_of_another_client_is_another_request(db, request_):
    claim_seat(actor=PRODUCT, request=request_)
    make_invite(code="SECOND")
    seat = claim_seat(actor=PRODUCT, request=replace(request_, client_id=8, household_key="hh-b", invite_code="SECOND"))
    assert (seat.is_new, seat.seat) == (True, 2)


def test_seated_household_with_another_key_is_told_so(db, request_):
    claim_seat(actor=PRODUCT, request=request_)
    with pytest.raises(Conflict) as error:
        claim_seat(actor=PRODUCT, request=replace(request_, idempotency_key="other"))
    assert (error.value.code, error.value.facts["seat"]) == ("already_seated", 1)


def test_late_repeat_after_the_seat_was_given_back_seats_nobody(db, request_):
    seat = claim_seat(actor=PRODUCT, request=request_)
    release_seat(actor=PRODUCT, household_id=seat.household_id)
    with pytest.raises(Conflict) as error:
        claim_seat(actor=PRODUCT, request=request_)
    assert (error.value.code, Program.objects.get().seats_taken) == ("seat_released", 0)


def test_household_that_left_may_come_back_with_a_new_invite(db, request_):
    seat = claim_seat(actor=PRODUCT, request=request_)
    release_seat(actor=PRODUCT, household_id=seat.household_id)
    make_invite(code="SECOND")
    again = claim_seat(actor=PRODUCT, request=replace(request_, idempotency_key="key-b", invite_code="SECOND"))
    assert (again.household_id, again.is_new, Household.objects.count()) == (seat.household_id, True, 1)


def test_household_that_operations_removed_stays_out(db, request_, owner):
    seat = claim_seat(actor=PRODUCT, request=request_)
    remove_household(actor=owner.actor, household_id=seat.household_id, reason="abuse")
    make_invite(code="SECOND")
    assert refused(replace(request_, idempotency_key="key-b", invite_code="SECOND")) == "household_removed"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"revoked_at": clock.now()}, "invite_revoked"),
        ({"expires_at": clock.now() - timedelta(hours=1)}, "invite_expired"),
        ({"max_uses": 2, "uses": 2}, "invite_used"),
    ],
)
def test_dead_invite_is_refused_with_its_reason(db, request_, fields, code):
    Invite.objects.filter(code="LIVE").update(**fields)
    assert refused(request_) == code
    assert Household.objects.count() == 0


def test_invite_is_required_unless_the_program_is_open(db, request_, owner):
    assert refused(replace(request_, invite_code="")) == "invite_required"
    assert refused(replace(request_, invite_code="NONE")) == "invite_unknown"
    change_program(actor=owner.actor, invite_only=False, reason="open beta")
    assert claim_seat(actor=PRODUCT, request=replace(request_, invite_code="")).seat == 1


def test_paused_invites_refuse(db, request_, owner):
    pause_invites(actor=owner.actor, reason="six fixes today")
    assert refused(request_) == "invites_paused"


def test_stop_and_cap_refuse_with_their_figures(db, request_, owner):
    Program.objects.update(cap=1)
    make_household()
    with pytest.raises(Refused) as refusal:
        claim_seat(actor=PRODUCT, request=request_)
    assert (refusal.value.code, refusal.value.status, refusal.value.facts) == ("cap_reached", 409, {"cap": 1, "seats_taken": 1})
    stop_signups(actor=owner.actor)
    assert refused(request_) == "signups_stopped"
    assert Invite.objects.get().uses == 0


@override_settings(BETA_SIGNUPS_PAUSED=True)
def test_environment_refuses_without_asking_the_database(db, request_, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert refused(request_) == "signups_stopped"


def test_claim_takes_few_statements(db, request_, django_assert_max_num_queries):
    # what is known; patience (with a pool, a default of its connections); invite, household and audit row; savepoints are the test's own
    with django_assert_max_num_queries(8) as statements:
        claim_seat(actor=PRODUCT, request=request_)
    verbs = [(entry["sql"] or "PREPARED").split()[0] for entry in statements.captured_queries if "SAVEPOINT" not in (entry["sql"] or "")]
    assert verbs == ["PREPARED", "SET", "PREPARED"]


def test_gate_that_is_held_is_unavailable_not_open(connect, request_transactional):
    holder = connect()
    holder.execute("UPDATE beta_programs SET name = name")
    with pytest.raises(GateUnavailable):
        claim_seat(actor=PRODUCT, request=request_transactional)
    holder.rollback()
    assert Household.objects.count() == 0


@pytest.fixture
def request_transactional(transactional_db):
    make_invite(code="LIVE", max_uses=50)
    return Request("hh-a", "a@example.com", "Casa A", "LIVE", 7, "key-a")


def together(requests):
    """Claim all at once, each on a connection of its own. Returns the answers and refusal codes."""
    barrier, answers = threading.Barrier(len(requests)), []

    def claim(request):
        barrier.wait()
        try:
            answers.append(claim_seat(actor=PRODUCT, request=request))
        except (Refused, Conflict) as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=[request]) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_same_request_at_the_same_moment_takes_one_seat(request_transactional):
    answers = together([request_transactional] * 8)
    assert {answer.household_id for answer in answers} == {Household.objects.get().pk}
    assert sorted(answer.is_new for answer in answers) == [False] * 7 + [True]
    assert (AuditLog.objects.count(), Invite.objects.get().uses, Program.objects.get().seats_taken) == (1, 1, 1)


def test_last_use_of_an_invite_goes_to_one(request_transactional):
    Invite.objects.update(max_uses=1)
    answers = together([replace(request_transactional, household_key=f"hh-{n}", idempotency_key=f"k{n}") for n in range(8)])
    assert sorted(str(answer) for answer in answers if isinstance(answer, str)) == ["invite_used"] * 7
    assert (Household.objects.count(), Invite.objects.get().uses) == (1, 1)


def test_last_seat_goes_to_one(request_transactional):
    Program.objects.update(cap=1)
    answers = together([replace(request_transactional, household_key=f"hh-{n}", idempotency_key=f"k{n}") for n in range(8)])
    assert sorted(answer for answer in answers if isinstance(answer, str)) == ["cap_reached"] * 7
    assert (Household.objects.count(), Invite.objects.get().uses) == (1, 1)
