from datetime import timedelta
from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from catalog.actions import archive_offer, archive_product, change_product, create_product, expire_overrides, restore_product
from catalog.models import Offer, Product
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_offer, make_override, make_product

pytestmark = pytest.mark.django_db
ANA, BIA = Actor.system("Ana"), Actor.system("Bia")
VALID: dict[str, Any] = {"name": "Air fryer", "brand": "Mondial", "category": "kitchen", "gtin": "4006381333931", "image_url": ""}


def last() -> AuditLog:
    return AuditLog.objects.latest("id")


def statuses(product: Product) -> list[str]:
    return list(product.offers.order_by("pk").values_list("status", flat=True))


def test_create_product_writes_it_and_says_what() -> None:
    product = create_product(actor=ANA, **VALID)
    assert (product.name, product.gtin, product.version, product.search) == ("Air fryer", "4006381333931", 1, "air fryer mondial 4006381333931")
    assert (last().action_type, last().entity_id, last().entity_label) == ("UPSERT_PRODUCT", str(product.pk), "Air fryer")
    assert last().changes == {
        "name": [None, "Air fryer"], "brand": [None, "Mondial"], "category": [None, "kitchen"], "gtin": [None, "4006381333931"], "version": [None, 1],
    }  # fmt: skip


def test_create_product_with_a_taken_gtin_names_who_has_it() -> None:
    other = make_product(name="The first", gtin="0036000291452")
    with pytest.raises(Conflict, match="This GTIN belongs to “The first”") as refused:
        create_product(actor=ANA, **VALID | {"gtin": "036000291452"})
    assert (refused.value.code, refused.value.facts, AuditLog.objects.count()) == ("gtin_taken", {"product_id": other.pk}, 0)


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "x" * 201), ("gtin", "4006381333932"), ("image_url", "ftp://x")])
def test_create_product_refuses_what_makes_no_sense(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_product(actor=ANA, **VALID | {field: value})
    assert refused.value.field == field


def test_two_products_may_be_without_a_gtin() -> None:
    for _number in range(2):
        create_product(actor=ANA, **VALID | {"gtin": ""})
    assert list(Product.objects.values_list("gtin", flat=True)) == [None, None]


def test_change_product_moves_it_to_the_front_and_records_the_change() -> None:
    product = create_product(actor=ANA, **VALID)
    changed = change_product(actor=BIA, product_id=product.pk, version=1, reason="as on the box", **VALID | {"name": "Air fryer 4 L"})
    assert (changed.name, changed.version, changed.updated_at > product.updated_at) == ("Air fryer 4 L", 2, True)
    assert (last().changes, last().reason) == ({"name": ["Air fryer", "Air fryer 4 L"], "version": [1, 2]}, "as on the box")


def test_change_product_that_was_changed_meanwhile_says_by_whom_and_what() -> None:
    product = create_product(actor=ANA, **VALID)
    change_product(actor=BIA, product_id=product.pk, version=1, **VALID | {"name": "Fryer"})
    change_product(actor=ANA, product_id=product.pk, version=2, **VALID | {"name": "Fryer 4 L", "brand": ""})
    with pytest.raises(Conflict, match="Ana, Bia changed this meanwhile") as refused:
        change_product(actor=BIA, product_id=product.pk, version=1, **VALID | {"name": "Mine"})
    facts = refused.value.facts
    assert (refused.value.code, facts["version"], facts["by"]) == ("stale", 3, "Ana, Bia")
    assert facts["changes"] == {"name": ["Air fryer", "Fryer 4 L"], "brand": ["Mondial", ""]}
    assert Product.objects.get().name == "Fryer 4 L"


def test_change_product_refuses_nothing_to_change_an_archived_one_and_nobody() -> None:
    product = create_product(actor=ANA, **VALID)
    with pytest.raises(Conflict, match="Nothing to change"):
        change_product(actor=ANA, product_id=product.pk, version=1, **VALID)
    archive_product(actor=ANA, product_id=product.pk, reason="gone")
    with pytest.raises(Conflict, match="Restore it first"):
        change_product(actor=ANA, product_id=product.pk, version=2, **VALID | {"name": "x"})
    with pytest.raises(NotFound):
        change_product(actor=ANA, product_id=0, version=1, **VALID)


def test_archive_product_takes_its_active_offers_with_it() -> None:
    product = make_product()
    first, second, other = make_offer(product=product), make_offer(product=product), make_offer()
    archive_offer(actor=ANA, offer_id=first.pk, reason="sold out for good")
    archive_product(actor=ANA, product_id=product.pk, reason="recalled")
    assert statuses(product) == ["archived", "archived"]
    assert last().changes == {"status": ["active", "archived"], "version": [1, 2], "active_offers": [1, 0]}
    second.refresh_from_db()
    other.refresh_from_db()
    assert (second.version, other.status) == (2, "active")


def test_restore_product_brings_back_the_offers_that_went_with_it_and_no_others() -> None:
    product = make_product()
    first, _second, _third = (make_offer(product=product) for _number in range(3))
    archive_offer(actor=ANA, offer_id=first.pk, reason="sold out for good")
    archive_product(actor=ANA, product_id=product.pk, reason="recalled")
    restored = restore_product(actor=BIA, product_id=product.pk)
    assert (restored.status, statuses(product)) == ("active", ["archived", "active", "active"])
    assert last().changes == {"status": ["archived", "active"], "version": [2, 3], "active_offers": [0, 2]}


def test_restore_product_brings_back_an_offer_whose_override_has_ended_meanwhile() -> None:
    product = make_product()
    offer = make_offer(product=product)
    override = make_override(offer)
    archive_product(actor=ANA, product_id=product.pk, reason="recalled")
    made = clock.now() - timedelta(hours=2)
    Offer.objects.filter(pk=offer.pk).update(updated_at=made)
    Product.objects.filter(pk=product.pk).update(updated_at=made)
    type(override).objects.filter(pk=override.pk).update(expires_at=made + timedelta(hours=1))
    assert len(expire_overrides(actor=BIA)) == 1
    restore_product(actor=ANA, product_id=product.pk)
    assert statuses(product) == ["active"]


def test_archive_and_restore_refuse_what_is_so_already_and_no_reason() -> None:
    product = make_product()
    with pytest.raises(Invalid, match="Say why"):
        archive_product(actor=ANA, product_id=product.pk, reason=" ")
    with pytest.raises(Conflict, match="not archived"):
        restore_product(actor=ANA, product_id=product.pk)
    archive_product(actor=ANA, product_id=product.pk, reason="gone")
    with pytest.raises(Conflict, match="archived already"):
        archive_product(actor=ANA, product_id=product.pk, reason="gone")
    assert Offer.objects.count() == 0
