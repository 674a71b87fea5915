"""Whoever writes several offers locks them by number: else two of them wait in a circle, and one is thrown out."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg.errors
import pytest
from django.db import connection

from accounts.models import Person
from audit.actors import Actor
from catalog import actions
from catalog.models import Offer
from catalog.tracking.writing import Finding, write_findings
from catalog.transfer.applying import carry_out
from opsportal import clock
from tests.catalog.transfer.files import uploaded
from tests.factories import make_offer, make_product

pytestmark = pytest.mark.django_db(transaction=True)
ANA = Actor.system("Ana")
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def while_locked(connect: Any, sql: str, values: list[Any], act: Callable[[], Any], look: Callable[[Any], None]) -> list[BaseException]:
    """Another client locks with `sql`; as soon as `act` waits for it, `look` is called with that client, which then commits. What `act` raised."""
    other, raised = connect(), []
    other.execute(sql, values)

    def run() -> None:
        try:
            act()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    with connect(autocommit=True) as watch:
        while not watch.execute(WAITING).fetchone()[0]:
            thread.join(0.05)
            assert thread.is_alive(), f"it never waited: {raised}"
    try:
        look(other)
    finally:
        other.commit()
        thread.join(60)
    assert not thread.is_alive()
    return raised


def lying_backwards() -> tuple[Offer, Offer]:
    """Two offers of a product; the first lies behind the second, where an UPDATE comes to it last."""
    product = make_product()
    first, second = make_offer(product=product), make_offer(product=product)
    Offer.objects.filter(pk=first.pk).update(updated_at=clock.now())
    # So that the few rows are read as they lie.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE offers")
    return first, second


def is_free(offer: Offer) -> Callable[[Any], None]:
    def look(other: Any) -> None:
        try:
            other.execute("SELECT 1 FROM offers WHERE id = %s FOR NO KEY UPDATE NOWAIT", [offer.pk])
        except psycopg.errors.LockNotAvailable:
            pytest.fail("it holds the second offer and waits for the first")

    return look


LOCK = "SELECT 1 FROM offers WHERE id = %s FOR NO KEY UPDATE"


def test_archiving_a_product_takes_its_offers_by_number(connect: Any) -> None:
    first, second = lying_backwards()

    def archive() -> None:
        actions.archive_product(actor=ANA, product_id=first.product_id, reason="recalled")

    assert while_locked(connect, LOCK, [first.pk], archive, is_free(second)) == []
    assert set(Offer.objects.values_list("status", flat=True)) == {"archived"}


def test_import_that_archives_a_product_takes_its_offers_by_number(connect: Any, owner: Person) -> None:
    first, second = lying_backwards()
    job = uploaded(owner, "products", f"id,status\n{first.product_id},archived\n")
    actions.apply_import(actor=owner.actor, import_id=job.pk, reason="recalled")
    assert while_locked(connect, LOCK, [first.pk], lambda: carry_out(job.pk), is_free(second)) == []
    assert set(Offer.objects.values_list("status", flat=True)) == {"archived"}


def test_price_of_a_reading_that_waited_stands_behind_the_one_it_waited_for(connect: Any) -> None:
    """Its transaction began before; by the moments of the history the other price would be the one of now."""
    offer = make_offer()

    def look(other: Any) -> None:
        other.execute(
            "INSERT INTO offer_price_history (offer_id, at, price, currency, availability, source) VALUES (%s, clock_timestamp(), 9000, 'BRL', 'in_stock', 'person')",
            [offer.pk],
        )

    def track() -> None:
        write_findings([Finding(offer.pk, price=8_000, currency="BRL", availability="in_stock")])

    assert while_locked(connect, LOCK, [offer.pk], track, look) == []
    assert list(offer.prices.order_by("at").values_list("price", flat=True)) == [9_000, 8_000]
