import hmac
from datetime import timedelta

import pytest

from accounts import actions, queries
from accounts.models import ApiKey
from accounts.queries import authenticate_key


@pytest.fixture
def made(db, actor):
    return actions.create_api_client(actor=actor, name="product", scopes=["signups", "flags"])


def test_authenticate_key_says_who_calls(made):
    caller = authenticate_key(made.raw)
    assert (caller.id, caller.name, caller.scopes, caller.prefix) == (made.client.pk, "product", {"signups", "flags"}, made.key.prefix)
    assert caller.actor == made.client.actor


@pytest.mark.parametrize(
    "spoil",
    [lambda raw: raw[:-1], lambda raw: raw + "x", lambda raw: raw.upper(), lambda raw: raw.replace("ops_", "", 1), lambda raw: raw.rsplit("_", 1)[0], lambda raw: "",
     lambda raw: "ops__", lambda raw: raw + "é", lambda raw: "ops_\x00_x", lambda raw: "ops_' OR 1=1 --_x", lambda raw: raw * 5],
)  # fmt: skip
def test_authenticate_key_refuses_anything_but_the_key(made, spoil):
    assert authenticate_key(spoil(made.raw)) is None


def test_authenticate_key_is_one_query(made, django_assert_num_queries):
    authenticate_key(made.raw)
    with django_assert_num_queries(1):
        authenticate_key(made.raw)


def test_authenticate_key_compares_in_constant_time(made, monkeypatch):
    compared, compare = [], hmac.compare_digest
    monkeypatch.setattr(queries.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or compare(a, b))
    assert authenticate_key(f"{made.raw}x") is None
    assert [[len(side) for side in pair] for pair in compared] == [[64, 64]]


def test_last_used_moves_once_a_minute(made, time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)
    authenticate_key(made.raw)
    first = ApiKey.objects.get().last_used_at
    time_machine.shift(timedelta(seconds=59))
    authenticate_key(made.raw)
    assert ApiKey.objects.get().last_used_at == first
    time_machine.shift(timedelta(seconds=1))
    authenticate_key(made.raw)
    assert ApiKey.objects.get().last_used_at == first + timedelta(seconds=60)


def test_a_refused_key_is_not_used(made):
    authenticate_key(made.raw[:-1])
    assert ApiKey.objects.get().last_used_at is None


def test_noting_the_use_waits_for_nobody(transactional_db, actor, connect):
    made = actions.create_api_client(actor=actor, name="product", scopes=["signups"])
    other = connect()
    other.execute("SELECT 1 FROM accounts_apikey FOR UPDATE")
    assert authenticate_key(made.raw).name == "product"
    assert ApiKey.objects.get().last_used_at is None
    other.rollback()
