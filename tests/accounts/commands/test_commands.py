import io
import re

import pytest
from django.core.management import CommandError, call_command

from accounts import actions
from accounts.models import ApiKey, Person, PersonInvite
from accounts.queries import authenticate_key
from audit.models import AuditLog
from tests.accounts.conftest import ACTOR
from tests.factories import PASSWORD, make_person


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_create_person_prints_a_link_that_works(client, db, settings):
    settings.OPS_BASE_URL = "https://ops.example"
    out = run("create_person", "ana@example.com", "--role", "cto", "--name", "Ana")
    link = re.fullmatch(r"https://ops\.example(/ops/access/join/[\w-]{43}/)\n", out)[1]
    assert client.get(link).status_code == 200
    assert PersonInvite.objects.values_list("email", "role", "name").get() == ("ana@example.com", "cto", "Ana")
    assert AuditLog.objects.values_list("action_type", "actor_kind").get() == ("INVITE_PERSON", "cli")


def test_create_person_with_a_password_from_standard_input_prints_nothing(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert run("create_person", "ana@example.com", "--role", "cto", "--password-stdin") == ""
    assert Person.objects.get().check_password(PASSWORD)
    assert AuditLog.objects.values_list("action_type", "actor_kind").get() == ("CREATE_PERSON", "cli")


@pytest.mark.parametrize(
    ("email", "password", "says"),
    [("nobody", PASSWORD, "no email address"), ("a@b.io", "short", "too short"), ("there@b.io", PASSWORD, "belongs to a colleague")],
)
def test_create_person_with_bad_input_says_so_in_one_line(db, monkeypatch, email, password, says):
    make_person(email="there@b.io")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    with pytest.raises(CommandError) as refused:
        run("create_person", email, "--role", "cto", "--password-stdin")
    assert (says in str(refused.value), str(refused.value).count("\n"), Person.objects.count()) == (True, 0, 1)


def test_create_api_client_prints_only_the_key(db):
    out = run("create_api_client", "product", "--scope", "signups", "--scope", "flags")
    assert re.fullmatch(r"ops_[0-9a-f]{10}_[\w-]{43}\n", out)
    assert authenticate_key(out.strip()).scopes == {"signups", "flags"}


def test_create_api_client_rotate_prints_a_second_key(db):
    first = run("create_api_client", "product", "--scope", "signups").strip()
    second = run("create_api_client", "product", "--rotate").strip()
    assert [authenticate_key(one).name for one in (first, second)] == ["product", "product"]


@pytest.mark.parametrize(
    "arguments", [("x",), ("x", "--rotate"), ("x", "--rotate", "--scope", "flags"), ("x", "--scope", "root"), ("taken", "--scope", "flags")]
)
def test_create_api_client_with_bad_input_is_refused(db, arguments):
    actions.create_api_client(actor=ACTOR, name="taken", scopes=["flags"])
    with pytest.raises(CommandError):
        run("create_api_client", *arguments)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("shape", ["{prefix}", "ops_{prefix}", "{raw}"])
def test_revoke_api_key_takes_the_prefix_as_people_have_it(db, shape):
    made = actions.create_api_client(actor=ACTOR, name="product", scopes=["flags"])
    out = run("revoke_api_key", shape.format(prefix=made.key.prefix, raw=made.raw), "--reason", "leaked")
    assert (out, authenticate_key(made.raw)) == (f"{made.key.prefix}… of “product” is revoked.\n", None)
    assert AuditLog.objects.latest("id").reason == "leaked"


def test_revoke_api_key_of_an_unknown_prefix_is_refused(db):
    with pytest.raises(CommandError, match="No API key begins with ops_nosuch"):
        run("revoke_api_key", "nosuch")
