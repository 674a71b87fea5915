"""What a store said in front of a person becomes what is tracked."""

from datetime import timedelta
from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from catalog.actions import take_reading
from catalog.models import Offer, Price
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_offer, make_override, make_price

pytestmark = pytest.mark.django_db
BIA = Actor.system("Bia")


def take(offer: Offer, **said: Any) -> Offer:
    known: dict[str, Any] = {
        "price": 4_000,
        "list_price": 9_000,
        "currency": "BRL",
        "availability": "in_stock",
        "read_at": clock.now() - timedelta(seconds=5),
    }
    return take_reading(actor=BIA, offer_id=offer.pk, **known | said)


def test_what_the_store_says_is_tracked_however_far_it_is_from_before() -> None:
    long_ago = clock.now() - timedelta(days=2)
    offer = make_offer(
        price=10_000,
        confirmed_at=long_ago,
        updated_at=long_ago,
        held_price=4_000,
        held_at=long_ago,
        dismissed_price=4_000,
        failures=3,
        error_code="timeout",
        error="x",
    )
    read_at = clock.now() - timedelta(seconds=5)
    take(offer, read_at=read_at)
    offer.refresh_from_db()
    assert (offer.price, offer.list_price, offer.confirmed_at, offer.checked_at) == (4_000, 9_000, read_at, read_at)
    assert (offer.failures, offer.error, offer.held_price, offer.held_at, offer.dismissed_price, offer.version) == (0, "", None, None, None, 2)
    assert offer.updated_at > clock.now() - timedelta(minutes=1)
    assert list(Price.objects.values_list("price", "list_price", "source", "by", "held")) == [(4_000, 9_000, "person", "Bia", False)]
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_id) == ("UPSERT_OFFER", str(offer.pk))
    assert {field: row.changes[field] for field in ("price", "tracked_price", "tracked_list_price", "version")} == {
        "price": ["100.00 BRL", "40.00 BRL"], "tracked_price": ["100.00 BRL", "40.00 BRL"], "tracked_list_price": [None, "90.00 BRL"], "version": [1, 2],
    }  # fmt: skip


def test_an_override_stays_over_it() -> None:
    long_ago = clock.now() - timedelta(days=2)
    offer = make_offer(price=10_000, updated_at=long_ago)
    make_override(offer, amount=7_000)
    make_override(offer, field="list_price", amount=8_000)
    take(offer)
    offer.refresh_from_db()
    changes = AuditLog.objects.get().changes
    assert (offer.price, offer.updated_at, "price" in changes, changes["tracked_price"]) == (4_000, long_ago, False, ["100.00 BRL", "40.00 BRL"])


def test_the_same_again_confirms_without_a_row_in_the_history() -> None:
    offer = make_offer(price=4_000, list_price=9_000, confirmed_at=clock.now() - timedelta(days=2))
    take(offer)
    offer.refresh_from_db()
    assert offer.confirmed_at is not None
    assert (Price.objects.count(), offer.confirmed_at > clock.now() - timedelta(minutes=1)) == (0, True)
    assert [field for field in AuditLog.objects.get().changes if field not in ("confirmed", "version")] == []


def test_what_was_written_since_is_not_written_over() -> None:
    offer = make_offer()
    make_price(offer, price=9_500)
    make_price(offer, price=1_000, held=True)
    with pytest.raises(Conflict, match=r"written again since you asked: 95.00 BRL"):
        take(offer)
    take(offer, read_at=clock.now() + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("said", "words"), [({"currency": "EUR"}, "in EUR, the offer in BRL"), ({"price": 0}, "no price"), ({"list_price": -1}, "no price"), ({"availability": "gone"}, "no price")]
)  # fmt: skip
def test_what_makes_no_sense_is_refused(said: dict[str, Any], words: str) -> None:
    with pytest.raises((Conflict, Invalid), match=words):
        take(make_offer(), **said)
    assert AuditLog.objects.count() == 0


def test_an_archived_or_unknown_offer_is_refused() -> None:
    with pytest.raises(Conflict, match="archived"):
        take(make_offer(status="archived"))
    with pytest.raises(NotFound):
        take(Offer(pk=0))


@pytest.mark.parametrize("since", ["confirmed_at", "held_at"])
def test_answer_that_the_tracker_has_a_younger_one_of_is_refused(since: str) -> None:
    offer = make_offer(**{"confirmed_at": None, since: clock.now() - timedelta(seconds=2)})
    with pytest.raises(Conflict, match=r"written again since you asked: 100.00 BRL"):
        take(offer)
