"""What is shown of an offer, asked from Django and from SQL: both say the same at any moment."""

from datetime import timedelta

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from catalog.models import Offer, Price
from catalog.queries.effective import with_shown
from opsportal import clock
from tests.factories import make_offer, make_override, make_price

pytestmark = pytest.mark.django_db


def shown(offer: Offer) -> tuple:
    found = with_shown(Offer.objects.filter(pk=offer.pk)).get()
    says = (found.shown_price, found.shown_list_price, found.shown_availability, found.is_overridden)
    with connection.cursor() as cursor:
        cursor.execute("SELECT price, list_price, availability, is_overridden FROM offers_shown WHERE offer_id = %s", [offer.pk])
        assert cursor.fetchall() == [says]
    return says


def test_shown_without_an_override_is_what_is_tracked() -> None:
    assert shown(make_offer(price=500, list_price=700)) == (500, 700, "in_stock", False)


def test_shown_is_the_active_override_of_each_field() -> None:
    offer = make_offer(price=500, list_price=700)
    make_override(offer, amount=450)
    make_override(offer, field="list_price", amount=None)
    make_override(offer, field="availability", amount=None, availability="out_of_stock")
    assert shown(offer) == (450, None, "out_of_stock", True)


def test_shown_goes_back_when_the_override_ends_or_expires() -> None:
    offer, now = make_offer(price=500), clock.now()
    make_override(offer, amount=450, ended_at=now, ended_because="reverted")
    make_override(offer, amount=440, expires_at=now - timedelta(hours=1))
    assert shown(offer) == (500, None, "in_stock", False)


@pytest.mark.parametrize("statement", ["UPDATE offer_price_history SET price = 1", "DELETE FROM offer_price_history", "TRUNCATE offer_price_history"])
def test_history_is_append_only(statement: str) -> None:
    make_price(make_offer())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises((ProgrammingError, InternalError), match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert Price.objects.count() == 1
