from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from catalog.actions import change_store, create_store
from catalog.models import Store
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_store

pytestmark = pytest.mark.django_db
ANA = Actor.system("Ana")
VALID: dict[str, Any] = {
    "name": "Casa Bela", "currency": "BRL", "source": "page", "feed_url": "", "max_concurrency": 2, "delay_ms": 50, "is_active": True,
}  # fmt: skip


def test_create_store_writes_it_and_says_what() -> None:
    store = create_store(actor=ANA, key=" Casa-Bela ", reason="new partner", **VALID)
    assert (store.key, store.name, store.max_concurrency, store.version) == ("casa-bela", "Casa Bela", 2, 1)
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_type, row.entity_id, row.reason) == ("UPSERT_STORE", "store", str(store.pk), "new partner")
    assert (row.changes["key"], row.changes["delay_ms"], row.changes["version"]) == ([None, "casa-bela"], [None, 50], [None, 1])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("currency", "R$"), ("source", "letter"), ("feed_url", "ftp://x"), ("max_concurrency", 0), ("max_concurrency", 33),
        ("delay_ms", -1), ("delay_ms", 60_001),
    ],
)  # fmt: skip
def test_create_store_refuses_what_makes_no_sense(field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        create_store(actor=ANA, key="x", **VALID | {field: value})
    assert (refused.value.field, Store.objects.count(), AuditLog.objects.count()) == (field, 0, 0)


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 41])
def test_create_store_refuses_a_key_that_no_file_could_name(key: str) -> None:
    with pytest.raises(Invalid, match="A key is made of"):
        create_store(actor=ANA, key=key, **VALID)


def test_create_store_with_a_feed_needs_its_address() -> None:
    with pytest.raises(Invalid, match="This is needed"):
        create_store(actor=ANA, key="x", **VALID | {"source": "feed"})
    assert create_store(actor=ANA, key="x", **VALID | {"source": "feed", "feed_url": "https://x.example/f"}).feed_url == "https://x.example/f"


def test_create_store_with_a_taken_key_names_who_has_it() -> None:
    other = make_store(key="casa", name="Casa")
    with pytest.raises(Conflict, match="“Casa” has this key") as refused:
        create_store(actor=ANA, key="casa", **VALID)
    assert (refused.value.code, refused.value.facts) == ("key_taken", {"store_id": other.pk})


def test_change_store_raises_the_version_and_records_only_what_changed() -> None:
    store = create_store(actor=ANA, key="casa", **VALID)
    change_store(actor=ANA, store_id=store.pk, version=1, **VALID | {"delay_ms": 900, "is_active": False})
    store.refresh_from_db()
    assert (store.delay_ms, store.is_active, store.version) == (900, False, 2)
    assert AuditLog.objects.latest("id").changes == {"delay_ms": [50, 900], "is_active": [True, False], "version": [1, 2]}


def test_change_store_refuses_a_stale_version_nothing_to_change_and_nobody() -> None:
    store = create_store(actor=ANA, key="casa", **VALID)
    with pytest.raises(Conflict) as refused:
        change_store(actor=ANA, store_id=store.pk, version=1, **VALID)
    assert refused.value.code == "unchanged"
    change_store(actor=ANA, store_id=store.pk, version=1, **VALID | {"delay_ms": 900})
    with pytest.raises(Conflict, match="Ana changed this meanwhile") as refused:
        change_store(actor=ANA, store_id=store.pk, version=1, **VALID | {"delay_ms": 10})
    assert (refused.value.code, refused.value.facts["changes"]) == ("stale", {"delay_ms": [50, 900]})
    with pytest.raises(NotFound):
        change_store(actor=ANA, store_id=0, version=1, **VALID)
