import pytest

from accounts import actions
from accounts.actions import client as module
from accounts.models import ApiClient, ApiKey
from accounts.queries import authenticate_key
from audit.models import AuditLog
from opsportal.errors import Conflict, Invalid, NotFound


def make(actor, **changed):
    return actions.create_api_client(actor=actor, **{"name": "product", "scopes": ["signups"]} | changed)


def test_create_api_client_keeps_only_the_hash_of_the_key(db, actor):
    made = make(actor, scopes=["signups", "flags", "flags"])
    prefix, secret = made.raw.removeprefix("ops_").split("_", 1)
    kept = str(ApiKey.objects.values().get()) + str(AuditLog.objects.get().__dict__) + repr(made)
    assert (made.key.prefix, len(secret) >= 43, secret in kept) == (prefix, True, False)
    assert AuditLog.objects.get().changes == {"scopes": [None, ["flags", "signups"]], "keys": [None, [prefix]]}


@pytest.mark.parametrize(
    ("wrong", "field"), [({"name": " "}, "name"), ({"name": "x" * 101}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["root"]}, "scopes")]
)
def test_create_api_client_with_wrong_input_leaves_nothing(db, actor, wrong, field):
    with pytest.raises(Invalid) as refused:
        make(actor, **wrong)
    assert (refused.value.field, ApiClient.objects.count(), AuditLog.objects.count()) == (field, 0, 0)


def test_create_api_client_with_a_name_taken_is_refused(db, actor):
    make(actor)
    with pytest.raises(Conflict) as refused:
        make(actor)
    assert (refused.value.code, AuditLog.objects.count()) == ("name_taken", 1)


def test_rotate_api_key_lets_both_in_until_one_is_revoked(db, actor):
    first = make(actor)
    second = actions.rotate_api_key(actor=actor, client_id=first.client.pk)
    assert [authenticate_key(one.raw).id for one in (first, second)] == [first.client.pk, first.client.pk]
    actions.revoke_api_key(actor=actor, prefix=first.key.prefix, reason="rotated")
    assert (authenticate_key(first.raw), authenticate_key(second.raw).prefix) == (None, second.key.prefix)
    row = AuditLog.objects.latest("id")
    assert (row.action_type, row.changes) == ("REVOKE_API_KEY", {"keys": [[first.key.prefix, second.key.prefix], [second.key.prefix]]})


def test_rotate_api_key_stops_at_two_live_keys(db, actor):
    made = make(actor)
    actions.rotate_api_key(actor=actor, client_id=made.client.pk)
    with pytest.raises(Conflict) as refused:
        actions.rotate_api_key(actor=actor, client_id=made.client.pk)
    assert (refused.value.code, ApiKey.objects.count()) == ("two_live_keys", 2)


def test_rotate_api_key_at_the_same_moment_stops_at_two_live_keys(at_once, actor):
    made = make(actor)
    results = at_once(*[lambda: actions.rotate_api_key(actor=actor, client_id=made.client.pk)] * 5)
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Conflict", "Conflict", "Conflict", "NewKey"]
    assert (ApiKey.objects.count(), AuditLog.objects.filter(action_type="ROTATE_API_KEY").count()) == (2, 1)


def test_revoke_api_key_twice_or_of_an_unknown_prefix_is_refused(db, actor):
    made = make(actor)
    actions.revoke_api_key(actor=actor, prefix=made.key.prefix)
    with pytest.raises(Conflict):
        actions.revoke_api_key(actor=actor, prefix=made.key.prefix)
    with pytest.raises(NotFound):
        actions.revoke_api_key(actor=actor, prefix="nosuch")
    assert AuditLog.objects.filter(action_type="REVOKE_API_KEY").count() == 1


def test_change_api_scopes_counts_from_the_next_call(db, actor):
    made = make(actor)
    actions.change_api_scopes(actor=actor, client_id=made.client.pk, scopes=["flags"])
    assert authenticate_key(made.raw).scopes == {"flags"}
    assert AuditLog.objects.latest("id").changes == {"scopes": [["signups"], ["flags"]]}
    with pytest.raises(Conflict):
        actions.change_api_scopes(actor=actor, client_id=made.client.pk, scopes=["flags"])


def test_keys_hold_256_random_bits(db, actor):
    assert module.SECRET_BYTES * 8 == 256
    assert len({make(actor, name=f"c{n}").raw for n in range(20)}) == 20
