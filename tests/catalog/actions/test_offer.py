from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from catalog.actions import archive_offer, archive_product, change_offer, create_offer, restore_offer
from catalog.models import Offer, Price
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_offer, make_override, make_product, make_store

pytestmark = pytest.mark.django_db
ANA, BIA = Actor.system("Ana"), Actor.system("Bia")
FIELDS = ("product_id", "store_id", "url", "sku", "title", "currency", "price", "list_price", "availability")


def last() -> AuditLog:
    return AuditLog.objects.latest("id")


def prices(offer: Offer) -> list[tuple[Any, ...]]:
    return list(Price.objects.filter(offer=offer).order_by("id").values_list("price", "list_price", "currency", "availability", "source", "by"))


def change(offer: Offer, *, actor: Actor = ANA, version: int = 1, **values: Any) -> Offer:
    """The offer as it is, but for what is given."""
    same = {name: getattr(offer, name) for name in FIELDS}
    return change_offer(actor=actor, offer_id=offer.pk, version=version, **same | values)


def wanted(**values: Any) -> dict[str, Any]:
    return {"product_id": make_product(name="Air fryer").pk, "store_id": make_store(name="Casa").pk, "url": "https://casa.example/1"} | values


def test_create_offer_writes_it_with_the_first_price_of_its_history() -> None:
    offer = create_offer(actor=ANA, **wanted(price=6490, list_price=9900, availability="in_stock", sku="A1", title="Fryer"))
    assert (offer.price, offer.search, offer.version, offer.confirmed_at) == (6490, "fryer a1 https://casa.example/1", 1, None)
    assert prices(offer) == [(6490, 9900, "BRL", "in_stock", "person", "Ana")]
    assert (last().action_type, last().entity_id, last().entity_label) == ("UPSERT_OFFER", str(offer.pk), "Fryer")
    assert last().changes == {
        "product": [None, "Air fryer"], "store": [None, "Casa"], "url": [None, "https://casa.example/1"], "sku": [None, "A1"],
        "title": [None, "Fryer"], "currency": [None, "BRL"], "price": [None, "64.90 BRL"], "list_price": [None, "99.00 BRL"],
        "availability": [None, "in_stock"], "version": [None, 1],
    }  # fmt: skip


def test_create_offer_without_a_price_waits_for_the_tracker() -> None:
    offer = create_offer(actor=ANA, **wanted())
    assert (offer.price, prices(offer)) == (None, [])


def test_create_offer_with_a_taken_address_names_whose_it_is() -> None:
    other = make_offer(url="https://casa.example/1", title="The first", status="archived")
    with pytest.raises(Conflict, match="another offer, which is archived: “The first”") as refused:
        create_offer(actor=ANA, **wanted(url="https://casa.example/1#top"))
    assert (refused.value.code, refused.value.facts) == ("url_taken", {"offer_id": other.pk})


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "x"), ("url", ""), ("currency", "REAL"), ("price", 0), ("price", -5), ("list_price", 0), ("availability", "maybe"), ("store_id", 0)],
)
def test_create_offer_refuses_what_makes_no_sense(field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        create_offer(actor=ANA, **wanted(**{field: value}))
    assert (refused.value.field, Offer.objects.count()) == (field.removesuffix("_id"), 0)


def test_create_offer_of_an_archived_product_or_of_none_is_refused() -> None:
    with pytest.raises(Conflict, match="is archived"):
        create_offer(actor=ANA, **wanted(product_id=make_product(status="archived").pk))
    with pytest.raises(NotFound):
        create_offer(actor=ANA, **wanted(product_id=0))


def test_change_offer_price_by_hand_goes_into_the_history() -> None:
    offer = make_offer(price=10_000)
    changed = change(offer, price=9_000, availability="out_of_stock", reason="as on the page")
    assert (changed.version, changed.updated_at > offer.updated_at, changed.confirmed_at) == (2, True, offer.confirmed_at)
    assert prices(offer) == [(9_000, None, "BRL", "out_of_stock", "person", "Ana")]
    assert last().changes == {
        "price": ["100.00 BRL", "90.00 BRL"], "availability": ["in_stock", "out_of_stock"], "version": [1, 2],
    }  # fmt: skip


def test_change_offer_of_what_is_not_tracked_leaves_the_history_alone() -> None:
    offer = make_offer()
    product, store = make_product(name="Fryer"), make_store(name="Casa")
    change(offer, title="New", url="https://casa.example/new", product_id=product.pk, store_id=store.pk)
    offer.refresh_from_db()
    assert (offer.product_id, offer.store_id, offer.title, prices(offer)) == (product.pk, store.pk, "New", [])
    assert (last().changes["product"][1], last().changes["store"][1]) == ("Fryer", "Casa")


def test_change_offer_settles_a_held_price() -> None:
    offer = make_offer(held_price=3_000, held_at=clock.now())
    changed = change(offer, price=9_000)
    assert (changed.held_price, changed.held_at, last().changes["held_price"]) == (None, None, ["30.00 BRL", None])


def test_change_offer_under_an_override_changes_nothing_that_is_shown() -> None:
    offer = make_offer(price=10_000)
    make_override(offer, amount=8_000)
    changed = change(offer, price=9_000)
    assert (changed.price, changed.updated_at, len(prices(offer))) == (9_000, offer.updated_at, 1)
    assert last().changes == {"tracked_price": ["100.00 BRL", "90.00 BRL"], "version": [1, 2]}


def test_change_offer_to_another_currency_is_refused_under_an_override_in_the_old_one() -> None:
    offer = make_offer()
    make_override(offer)
    with pytest.raises(Conflict, match="overridden in BRL") as refused:
        change(offer, currency="USD")
    assert refused.value.code == "overridden"


def test_change_offer_cannot_take_a_price_away() -> None:
    with pytest.raises(Invalid, match="archive it"):
        change(make_offer(), price=None)
    unpriced = make_offer(price=None)
    assert change(unpriced, title="x").price is None


def test_change_offer_that_was_changed_meanwhile_says_by_whom_and_what() -> None:
    offer = make_offer(price=10_000)
    change(offer, actor=BIA, price=9_000)
    with pytest.raises(Conflict, match="Bia changed this meanwhile") as refused:
        change(offer, price=8_000)
    assert (refused.value.code, refused.value.facts["version"], refused.value.facts["changes"]) == (
        "stale",
        2,
        {"price": ["100.00 BRL", "90.00 BRL"]},
    )
    assert [price for price, *_rest in prices(offer)] == [9_000]


def test_change_offer_is_not_spoiled_by_the_tracker() -> None:
    offer = make_offer(price=10_000, title="Old")
    Offer.objects.filter(pk=offer.pk).update(price=9_500, checked_at=clock.now())
    offer.refresh_from_db()
    assert change(offer, title="New").price == 9_500


def test_change_offer_refuses_nothing_to_change_and_a_taken_address() -> None:
    offer = make_offer()
    with pytest.raises(Conflict, match="Nothing to change"):
        change(offer)
    with pytest.raises(Conflict, match="another offer: "):
        change(offer, url=make_offer().url)


def test_archive_and_restore_offer() -> None:
    offer = make_offer()
    with pytest.raises(Invalid, match="Say why"):
        archive_offer(actor=ANA, offer_id=offer.pk, reason="")
    archived = archive_offer(actor=ANA, offer_id=offer.pk, reason="sold out for good")
    assert (archived.status, archived.version, last().changes) == ("archived", 2, {"status": ["active", "archived"], "version": [1, 2]})
    with pytest.raises(Conflict, match="archived already"):
        archive_offer(actor=ANA, offer_id=offer.pk, reason="again")
    with pytest.raises(Conflict, match="Restore it first"):
        change(archived, version=2, title="x")
    assert (restore_offer(actor=ANA, offer_id=offer.pk).status, last().changes["status"]) == ("active", ["archived", "active"])
    with pytest.raises(Conflict, match="not archived"):
        restore_offer(actor=ANA, offer_id=offer.pk)


def test_restore_offer_of_an_archived_product_is_refused() -> None:
    offer = make_offer()
    archive_product(actor=ANA, product_id=offer.product_id, reason="gone")
    with pytest.raises(Conflict, match="is archived"):
        restore_offer(actor=ANA, offer_id=offer.pk)
    with pytest.raises(NotFound):
        restore_offer(actor=ANA, offer_id=0)


@pytest.mark.parametrize(
    ("values", "read_anew", "held"),
    [
        ({"title": "Other"}, False, 4_000), ({"availability": "out_of_stock"}, True, 4_000), ({"price": 9_000}, True, None),
        ({"url": "https://shop.example/new"}, True, None), ({"currency": "USD"}, True, None),
    ],
)  # fmt: skip
def test_change_of_what_the_page_says_has_it_read_anew_and_settles_what_was_held(values: dict, read_anew: bool, held: int | None) -> None:
    """Else “not modified” would confirm a price that the page does not say, and a held price could be taken over in another currency."""
    offer = make_offer(etag='"old"', last_modified="Sun, 22 Nov 2026 08:00:00 GMT", held_price=4_000, held_at=clock.now(), dismissed_price=300)
    change(offer, **values)
    offer.refresh_from_db()
    assert ((offer.etag, offer.last_modified) == ("", ""), offer.held_price) == (read_anew, held)
    assert offer.dismissed_price == (300 if held else None)
