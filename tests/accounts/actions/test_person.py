import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Person, PersonInvite
from audit.models import AuditLog
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import PASSWORD, make_person


def only_row():
    return AuditLog.objects.get()


def test_create_person_is_audited_with_role_and_no_password(db, actor):
    person = actions.create_person(actor=actor, email=" Bia@Example.com ", role="support", name="Bia", password=PASSWORD)
    assert (person.email, person.role, person.check_password(PASSWORD)) == ("bia@example.com", "support", True)
    row = only_row()
    assert (row.action_type, row.entity_id, row.changes) == (
        "CREATE_PERSON",
        str(person.pk),
        {"email": [None, "bia@example.com"], "role": [None, "support"]},
    )
    assert PASSWORD not in str(row.__dict__)


def test_create_person_joins_the_role_s_group(db, actor):
    person = actions.create_person(actor=actor, email="bia@example.com", role="support")
    assert list(person.groups.values_list("name", flat=True)) == ["support"]
    actions.change_role(actor=actor, person_id=person.pk, role="viewer")
    assert list(person.groups.values_list("name", flat=True)) == ["viewer"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"email": "nobody"}, "email"), ({"email": "x" * 200 + "@example.com"}, "email"), ({"role": "king"}, "role"), ({"name": "x" * 101}, "name"),
     ({"password": "short"}, "password"), ({"password": "password1234"}, "password"), ({"password": "bia@example.com"}, "password")],
)  # fmt: skip
def test_create_person_with_wrong_input_names_the_field_and_leaves_nothing(db, actor, wrong, field):
    with pytest.raises(Invalid) as refused:
        actions.create_person(actor=actor, **{"email": "bia@example.com", "role": "viewer", "password": PASSWORD} | wrong)
    assert refused.value.field == field
    assert (Person.objects.count(), AuditLog.objects.count()) == (0, 0)


def test_create_person_with_an_address_taken_in_other_letters_is_refused(db, actor):
    make_person(email="bia@example.com")
    with pytest.raises(Conflict) as refused:
        actions.create_person(actor=actor, email="BIA@example.com", role="viewer")
    assert (refused.value.code, Person.objects.count(), AuditLog.objects.count()) == ("email_taken", 1, 0)


def test_create_person_twice_at_the_same_moment_makes_one(at_once, actor):
    call = lambda: actions.create_person(actor=actor, email="bia@example.com", role="viewer")  # noqa: E731
    results = at_once(*[call] * 4)
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Conflict", "Conflict", "Person"]
    assert (Person.objects.count(), AuditLog.objects.count()) == (1, 1)


def test_create_first_person_twice_at_the_same_moment_makes_one_cto(at_once, actor):
    calls = [lambda n=n: actions.create_first_person(actor=actor, email=f"cto{n}@example.com", name="Ana", password=PASSWORD) for n in range(4)]
    results = at_once(*calls)
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Conflict", "Conflict", "Person"]
    assert list(Person.objects.values_list("role", flat=True)) == ["cto"]


def test_change_role_is_audited_before_and_after(owner, viewer, actor):
    actions.change_role(actor=actor, person_id=viewer.pk, role="engineer", reason="promoted")
    row = only_row()
    assert (row.action_type, row.changes, row.reason) == ("CHANGE_ROLE", {"role": ["viewer", "engineer"]}, "promoted")
    assert Person.objects.get(pk=viewer.pk).role == "engineer"


def test_change_role_to_the_same_or_of_nobody_is_refused(viewer, actor):
    with pytest.raises(Conflict):
        actions.change_role(actor=actor, person_id=viewer.pk, role="viewer")
    with pytest.raises(NotFound):
        actions.change_role(actor=actor, person_id=viewer.pk + 1, role="viewer")
    assert AuditLog.objects.count() == 0


@pytest.mark.parametrize("others", [[], ["engineer"], ["inactive"]])
def test_the_last_active_cto_can_be_neither_demoted_nor_deactivated(owner, actor, others):
    for other in others:
        make_person(role="cto" if other == "inactive" else other, is_active=other != "inactive")
    with pytest.raises(Conflict) as demoted:
        actions.change_role(actor=actor, person_id=owner.pk, role="viewer")
    with pytest.raises(Conflict) as deactivated:
        actions.deactivate_person(actor=actor, person_id=owner.pk, reason="gone")
    owner.refresh_from_db()
    assert (demoted.value.code, deactivated.value.code) == ("last_cto", "last_cto")
    assert (owner.role, owner.is_active, AuditLog.objects.count()) == ("cto", True, 0)


@pytest.mark.parametrize("attempt", range(5))
def test_two_ctos_who_remove_each_other_at_the_same_moment_leave_one(at_once, actor, attempt):
    ana, bia = make_person(role="cto"), make_person(role="cto")
    results = at_once(
        lambda: actions.change_role(actor=actor, person_id=ana.pk, role="viewer"),
        lambda: actions.deactivate_person(actor=actor, person_id=bia.pk, reason="gone"),
    )
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Person"]
    assert Person.objects.filter(role="cto", is_active=True).count() == 1
    assert AuditLog.objects.count() == 1


def test_deactivate_person_needs_a_reason(owner, viewer, actor):
    with pytest.raises(Invalid) as refused:
        actions.deactivate_person(actor=actor, person_id=viewer.pk, reason=" ")
    assert refused.value.field == "reason"


def test_deactivate_person_refuses_their_next_request_and_sign_in(owner, viewer, actor):
    client = Client()
    client.post(reverse("account_login"), {"login": viewer.email, "password": PASSWORD})
    assert client.get(reverse("account")).status_code == 200
    actions.deactivate_person(actor=actor, person_id=viewer.pk, reason="left")
    again = client.get(reverse("account"))
    assert (again.status_code, again.url) == (302, "/accounts/login/?next=/ops/access/me/")
    answer = client.post(reverse("account_login"), {"login": viewer.email, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, reverse("account_inactive"))
    assert client.get(reverse("account")).status_code == 302
    row = AuditLog.objects.filter(action_type="DEACTIVATE_PERSON").get()
    assert row.changes == {"active": [True, False], "sessions": [1, 0]}


def test_a_stolen_session_stays_dead_after_reactivation(owner, viewer, actor):
    # force_login leaves a session that allauth has not listed: the generation ends that one too.
    thief = Client()
    thief.force_login(viewer)
    assert thief.get(reverse("account")).status_code == 200
    actions.deactivate_person(actor=actor, person_id=viewer.pk, reason="stolen laptop")
    actions.reactivate_person(actor=actor, person_id=viewer.pk)
    assert thief.get(reverse("account")).status_code == 302
    viewer.refresh_from_db()
    assert viewer.is_active
    assert list(AuditLog.objects.order_by("id").values_list("action_type", flat=True)) == ["DEACTIVATE_PERSON", "REACTIVATE_PERSON"]


def test_change_profile_takes_known_languages_and_zones_only(viewer, actor):
    actions.change_profile(actor=actor, person_id=viewer.pk, name="Vera", language="pt-br", time_zone="Europe/Lisbon")
    assert only_row().changes == {"name": ["Vera Lopes", "Vera"], "language": ["en", "pt-br"], "time_zone": ["", "Europe/Lisbon"]}
    for wrong, field in (({"language": "xx"}, "language"), ({"time_zone": "Mars/Base"}, "time_zone"), ({"name": " "}, "name")):
        with pytest.raises(Invalid) as refused:
            actions.change_profile(actor=actor, person_id=viewer.pk, **{"name": "V", "language": "en", "time_zone": ""} | wrong)
        assert refused.value.field == field


def test_deactivate_person_takes_their_open_links_back(owner, actor):
    made = actions.invite_person(actor=actor, email="bia@example.com", role="viewer")
    person = make_person(email="bia@example.com")
    actions.deactivate_person(actor=actor, person_id=person.pk, reason="left")
    assert PersonInvite.objects.get(pk=made.invite.pk).revoked_at is not None


def test_groups_hold_what_the_table_says(db):
    from accounts.roles import Role, permissions_of

    found = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert found == {role.value: set(permissions_of(role)) for role in Role}
