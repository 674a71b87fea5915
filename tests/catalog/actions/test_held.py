"""A reading too far from the one before waits for a person."""

from datetime import timedelta
from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from catalog.actions.held import accept_held_price, dismiss_held_price
from catalog.actions.risk import recalculate
from catalog.models import Offer, Price
from opsportal import clock
from opsportal.errors import Conflict, NotFound
from tests.factories import make_offer, make_override, make_price

pytestmark = pytest.mark.django_db
BIA = Actor.system("Bia")


def waiting(**fields: Any) -> Offer:
    now = clock.now()
    offer = make_offer(
        **{
            "price": 10_000, "list_price": 12_000, "held_price": 4_000, "held_list_price": 12_000, "held_at": now - timedelta(seconds=5),
            "updated_at": now - timedelta(days=1), "error_code": "suspicious", "error": "60 % lower",
        } | fields
    )  # fmt: skip
    make_price(offer, price=4_000, held=True)
    return offer


def test_accepting_makes_it_tracked_with_a_row_in_the_history() -> None:
    offer = waiting()
    accept_held_price(actor=BIA, offer_id=offer.pk, seen=4_000, reason="a real sale")
    held_at = offer.held_at
    offer.refresh_from_db()
    assert (offer.price, offer.list_price, offer.held_price, offer.held_at, offer.confirmed_at, offer.error, offer.version) == (
        4_000,
        12_000,
        None,
        None,
        held_at,
        "",
        2,
    )
    assert offer.updated_at > clock.now() - timedelta(minutes=1)
    assert list(Price.objects.filter(held=False).values_list("price", "list_price", "source", "by", "availability")) == [
        (4_000, 12_000, "person", "Bia", "in_stock")
    ]
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_id, row.reason) == ("UPSERT_OFFER", str(offer.pk), "a real sale")
    assert row.changes == {
        "price": ["100.00 BRL", "40.00 BRL"],
        "tracked_price": ["100.00 BRL", "40.00 BRL"],
        "held_price": ["40.00 BRL", None],
        "version": [1, 2],
    }


def test_accepting_under_an_override_changes_nothing_that_is_shown() -> None:
    offer = waiting()
    make_override(offer)
    recalculate([offer.pk])
    before = clock.now() - timedelta(hours=2)
    Offer.objects.filter(pk=offer.pk).update(updated_at=before)
    accept_held_price(actor=BIA, offer_id=offer.pk)
    offer.refresh_from_db()
    assert (offer.price, offer.updated_at) == (4_000, before)
    assert AuditLog.objects.get().changes == {"tracked_price": ["100.00 BRL", "40.00 BRL"], "held_price": ["40.00 BRL", None], "version": [1, 2]}


def test_dismissing_leaves_what_is_tracked_and_the_history_as_it_was() -> None:
    offer = waiting()
    dismiss_held_price(actor=BIA, offer_id=offer.pk, seen=4_000, reason="a typing error")
    before = offer.updated_at
    offer.refresh_from_db()
    assert (offer.price, offer.held_price, offer.held_list_price, offer.held_at, offer.updated_at) == (10_000, None, None, None, before)
    assert offer.dismissed_price == 4_000
    assert list(Price.objects.values_list("price", "held")) == [(4_000, True)]
    assert AuditLog.objects.get().changes == {"held_price": ["40.00 BRL", None]}


@pytest.mark.parametrize("act", [accept_held_price, dismiss_held_price])
def test_another_price_than_the_one_seen_is_left_alone(act: Any) -> None:
    offer = waiting(held_price=3_000)
    with pytest.raises(Conflict, match=r"Another price waits by now: 30.00 BRL"):
        act(actor=BIA, offer_id=offer.pk, seen=4_000)
    with pytest.raises(Conflict, match="No price waits"):
        act(actor=BIA, offer_id=make_offer().pk)
    with pytest.raises(NotFound):
        act(actor=BIA, offer_id=0)
    offer.refresh_from_db()
    assert (offer.price, offer.held_price, AuditLog.objects.count()) == (10_000, 3_000, 0)


@pytest.mark.parametrize("act", [accept_held_price, dismiss_held_price])
def test_page_is_read_anew_after_a_decision(act: Any) -> None:
    """“Not modified” would confirm the tracked price for a page that says another, and hide what else the page said."""
    offer = waiting(etag='"held"', last_modified="Sun, 22 Nov 2026 08:00:00 GMT")
    act(actor=BIA, offer_id=offer.pk)
    offer.refresh_from_db()
    assert (offer.etag, offer.last_modified) == ("", "")
