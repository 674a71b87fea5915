import pytest

from audit.models import AuditLog
from health.actions import create_ping_key, revoke_ping_key
from health.actions.key import find_key
from health.models import PingKey
from opsportal.errors import Conflict, NotFound


def test_a_key_is_known_by_its_hash_alone(owner):
    made = create_ping_key(actor=owner.actor)
    assert made.raw.startswith(f"{made.key.prefix}_")
    assert made.raw not in repr(made)
    stored = str(PingKey.objects.values().get())
    assert made.raw.partition("_")[2] not in stored
    found = find_key(made.raw)
    assert found is not None
    assert found.pk == made.key.pk
    assert (find_key(made.raw[:-1]), find_key(made.key.prefix), find_key("")) == (None, None, None)


def test_two_are_live_during_a_change_and_no_third(owner):
    first, second = create_ping_key(actor=owner.actor), create_ping_key(actor=owner.actor)
    with pytest.raises(Conflict) as refused:
        create_ping_key(actor=owner.actor)
    assert (refused.value.code, PingKey.objects.count()) == ("two_live_keys", 2)
    revoke_ping_key(actor=owner.actor, key_id=first.key.pk, reason="changed over")
    assert find_key(first.raw) is None
    assert find_key(second.raw) is not None
    create_ping_key(actor=owner.actor)
    row = AuditLog.objects.get(action_type="REVOKE_PING_KEY")
    assert (row.entity_type, row.reason, row.changes) == (
        "ping_key",
        "changed over",
        {"live": [[first.key.prefix, second.key.prefix], [second.key.prefix]]},
    )


def test_a_key_is_revoked_once(owner):
    made = create_ping_key(actor=owner.actor)
    revoke_ping_key(actor=owner.actor, key_id=made.key.pk)
    with pytest.raises(Conflict):
        revoke_ping_key(actor=owner.actor, key_id=made.key.pk)
    with pytest.raises(NotFound):
        revoke_ping_key(actor=owner.actor, key_id=0)
