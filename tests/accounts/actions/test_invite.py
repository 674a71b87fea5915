from datetime import timedelta
from functools import partial

import pytest

from accounts import actions
from accounts.models import Person, PersonInvite
from audit.models import AuditLog
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import PASSWORD, make_person


def accept(actor, token, **changed):
    return actions.accept_invite(actor=actor, **{"token": token, "name": "Bia", "password": PASSWORD} | changed)


def test_invite_person_keeps_only_the_hash_of_the_link(db, actor):
    made = actions.invite_person(actor=actor, email="Bia@example.com", role="engineer")
    row = AuditLog.objects.get()
    assert len(made.token) == 43
    assert made.token not in str(PersonInvite.objects.values().get()) + str(row.__dict__) + repr(made)
    assert (row.action_type, row.entity_label) == ("INVITE_PERSON", "bia@example.com")
    assert made.invite.expires_at - clock.now() > timedelta(hours=71, minutes=59)


def test_accept_invite_makes_the_person_with_the_invited_role(db, actor):
    made = actions.invite_person(actor=actor, email="bia@example.com", role="engineer")
    person = accept(actor, made.token)
    assert (person.email, person.role, person.name, person.check_password(PASSWORD)) == ("bia@example.com", "engineer", "Bia", True)
    row = AuditLog.objects.latest("id")
    assert (row.action_type, row.entity_id) == ("ACCEPT_INVITE", str(person.pk))
    assert PASSWORD not in str(row.__dict__)


def test_accept_invite_a_second_time_is_refused(db, actor):
    made = actions.invite_person(actor=actor, email="bia@example.com", role="engineer")
    accept(actor, made.token)
    with pytest.raises(Conflict) as refused:
        accept(actor, made.token)
    assert (refused.value.code, Person.objects.count()) == ("invite_used", 1)


def test_accept_invite_at_the_same_moment_makes_one_person(at_once, actor):
    made = actions.invite_person(actor=actor, email="bia@example.com", role="engineer")
    results = at_once(*[lambda: accept(actor, made.token)] * 5)
    assert sorted(getattr(one, "code", "") or type(one).__name__ for one in results) == ["Person", *["invite_used"] * 4]
    assert (Person.objects.count(), AuditLog.objects.filter(action_type="ACCEPT_INVITE").count()) == (1, 1)


def test_accept_invite_with_a_weak_password_leaves_the_link_good(db, actor):
    made = actions.invite_person(actor=actor, email="bia@example.com", role="engineer")
    with pytest.raises(Invalid):
        accept(actor, made.token, password="short")
    assert accept(actor, made.token).email == "bia@example.com"


def test_accept_invite_after_72_hours_is_refused(db, actor, time_machine):
    time_machine.move_to(clock.now())
    made = actions.invite_person(actor=actor, email="bia@example.com", role="engineer")
    time_machine.shift(timedelta(hours=72, seconds=1))
    with pytest.raises(Conflict) as refused:
        accept(actor, made.token)
    assert refused.value.code == "invite_expired"


def test_accept_invite_of_a_link_never_made_is_refused(db, actor):
    with pytest.raises(NotFound):
        accept(actor, "made-up")


def test_revoke_invite_ends_the_link_once(db, actor):
    made = actions.invite_person(actor=actor, email="bia@example.com", role="engineer")
    actions.revoke_invite(actor=actor, invite_id=made.invite.pk)
    with pytest.raises(Conflict) as refused:
        accept(actor, made.token)
    assert refused.value.code == "invite_revoked"
    with pytest.raises(Conflict):
        actions.revoke_invite(actor=actor, invite_id=made.invite.pk)
    assert AuditLog.objects.filter(action_type="REVOKE_PERSON_INVITE").count() == 1


def test_invite_person_again_ends_the_earlier_link(db, actor):
    first = actions.invite_person(actor=actor, email="bia@example.com", role="engineer")
    second = actions.invite_person(actor=actor, email="BIA@example.com", role="viewer")
    with pytest.raises(Conflict) as refused:
        accept(actor, first.token)
    assert refused.value.code == "invite_revoked"
    assert accept(actor, second.token).role == "viewer"


def test_invite_person_of_a_colleague_is_refused(db, actor):
    make_person(email="bia@example.com")
    with pytest.raises(Conflict) as refused:
        actions.invite_person(actor=actor, email="Bia@Example.com", role="viewer")
    assert refused.value.code == "email_taken"


def test_invitations_of_one_address_at_once_leave_one_link(at_once, actor):
    invite = partial(actions.invite_person, actor=actor, email="bia@example.com", role="viewer")
    made = at_once(*[invite] * 5)
    assert [type(one) for one in made] == [actions.NewInvite] * 5
    assert PersonInvite.objects.filter(revoked_at=None).count() == 1
    assert AuditLog.objects.filter(action_type="INVITE_PERSON").count() == 5
