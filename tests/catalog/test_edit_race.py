"""Two people save at the same moment, over real connections: one is saved, the other is told, nothing is lost between."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from audit.actors import Actor
from audit.models import AuditLog
from catalog.actions import archive_product, change_offer, change_product, create_offer, restore_offer
from catalog.models import Offer, Price, Product
from opsportal.errors import Conflict, OpsError
from tests.factories import make_offer, make_product, make_store

SECONDS = 60


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of them answered, or the refusal it raised; all begin together, each on a connection of its own."""
    barrier = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(SECONDS)
            answers[number] = act()
        except OpsError as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    return answers


def test_of_two_editors_of_a_product_one_is_saved_and_one_is_told(transactional_db: None) -> None:
    product = make_product(name="Air fryer")

    def save(name: str) -> Product:
        return change_product(actor=Actor.system(name), product_id=product.pk, version=1, name=name, brand="", category="", gtin="", image_url="")

    answers = at_once(lambda: save("Ana"), lambda: save("Bia"))
    (saved,) = [answer for answer in answers if isinstance(answer, Product)]
    (told,) = [answer for answer in answers if isinstance(answer, Conflict)]
    assert (told.code, told.facts["by"], told.facts["changes"]["name"]) == ("stale", saved.name, ["Air fryer", saved.name])
    assert Product.objects.values_list("name", "version").get() == (saved.name, 2)
    assert AuditLog.objects.filter(action_type="UPSERT_PRODUCT").count() == 1


def test_of_two_editors_of_a_price_the_history_has_the_one_that_was_saved(transactional_db: None) -> None:
    offer = make_offer(price=10_000)
    same = {name: getattr(offer, name) for name in ("product_id", "store_id", "url", "sku", "title", "currency", "list_price", "availability")}

    def save(price: int) -> Offer:
        return change_offer(actor=Actor.system("x"), offer_id=offer.pk, version=1, price=price, **same)

    answers = at_once(lambda: save(9_000), lambda: save(8_000))
    (saved,) = [answer for answer in answers if isinstance(answer, Offer)]
    assert [answer.code for answer in answers if isinstance(answer, Conflict)] == ["stale"]
    assert list(Price.objects.values_list("price", flat=True)) == [saved.price] == [Offer.objects.get().price]


def test_one_address_is_given_to_one_offer(transactional_db: None) -> None:
    store = make_store()
    products = [make_product().pk for _number in range(4)]

    def add(product: int) -> Offer:
        return create_offer(actor=Actor.system("x"), product_id=product, store_id=store.pk, url="https://shop.example/1")

    answers = at_once(*(lambda product=product: add(product) for product in products))
    assert sorted(answer.code for answer in answers if isinstance(answer, Conflict)) == ["url_taken"] * 3
    assert Offer.objects.count() == 1 == AuditLog.objects.count()


@pytest.mark.parametrize("number", range(3))
def test_no_active_offer_is_left_with_an_archived_product(transactional_db: None, number: int) -> None:
    product, store = make_product(), make_store()
    old = make_offer(product=product, status="archived")
    at_once(
        lambda: archive_product(actor=Actor.system("x"), product_id=product.pk, reason="gone"),
        lambda: create_offer(actor=Actor.system("x"), product_id=product.pk, store_id=store.pk, url="https://shop.example/new"),
        lambda: restore_offer(actor=Actor.system("x"), offer_id=old.pk),
    )
    product.refresh_from_db()
    assert (product.status, product.offers.filter(status="active").count()) == ("archived", 0)


def test_an_edit_of_what_an_import_keeps_is_asked_to_try_again(connect: Any) -> None:
    product = make_product(name="Air fryer")
    other = connect()
    other.execute("SELECT 1 FROM products FOR UPDATE")
    with connection.cursor() as cursor:
        # As in the web server (settings.py).
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        with pytest.raises(Conflict, match="try again") as refused:
            archive_product(actor=Actor.system("x"), product_id=product.pk, reason="gone")
    finally:
        connection.close()
    assert (refused.value.code, AuditLog.objects.count()) == ("busy", 0)
    other.rollback()
    assert archive_product(actor=Actor.system("x"), product_id=product.pk, reason="gone").status == "archived"
