import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts.groups import sync
from accounts.roles import PERMISSIONS, Role, in_words, permissions_of, roles_with
from tests.factories import make_person


def test_names_stand_once_in_the_table():
    names = [permission.name for permission in PERMISSIONS]
    assert len(names) == len(set(names))


def test_the_cto_may_do_everything_and_the_viewer_only_looks():
    assert permissions_of("cto") == {permission.name for permission in PERMISSIONS}
    assert {name.rpartition(".")[2] for name in permissions_of("viewer")} == {"view"}


def test_in_words_names_the_roles():
    assert in_words("accounts.manage_people") == ("Invite people, change roles, deactivate", ["CTO"])
    assert in_words("no.such") == ("no.such", [])


def test_roles_with_an_unknown_permission_raises():
    with pytest.raises(KeyError):
        roles_with("no.such")


def test_a_deactivated_person_may_do_nothing(db):
    assert [make_person(role="cto", is_active=active).has_perm("audit.view") for active in (True, False)] == [True, False]


def test_groups_are_made_anew_from_the_table_any_number_of_times(db):
    viewers = Group.objects.get(name="viewer")
    viewers.permissions.set(Permission.objects.filter(codename="accounts.manage_people"))
    Permission.objects.create(content_type=Permission.objects.get(codename="audit.view").content_type, codename="gone.by", name="of an earlier table")
    call_command("migrate", verbosity=0)
    sync()
    assert set(viewers.permissions.values_list("codename", flat=True)) == permissions_of("viewer")
    assert not Permission.objects.filter(codename="gone.by").exists()
    assert Group.objects.count() == len(Role)
