"""Readings on their way into the catalog: what is taken over, held, refused, and what the history keeps of it."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Offer, Price
from catalog.tracking.writing import Finding, Outcome, Written, write_findings
from opsportal import clock
from tests.factories import make_offer, make_override

pytestmark = pytest.mark.django_db
OLD = clock.now() - timedelta(days=3)


def make(**fields: Any) -> Offer:
    return make_offer(
        **{"price": 10_000, "confirmed_at": OLD, "checked_at": OLD, "updated_at": OLD, "failures": 2, "error": "x", "error_code": "x"} | fields
    )


def found(offer: Offer, **fields: Any) -> Finding:
    said: dict[str, Any] = {"price": 10_000, "currency": "BRL", "availability": "in_stock", "etag": '"new"'}
    return Finding(offer.pk, **said | fields)


def take(offer: Offer, **fields: Any) -> Written:
    (written,) = write_findings([found(offer, **fields)])
    offer.refresh_from_db()
    return written


def history(offer: Offer) -> list[tuple]:
    return list(offer.prices.order_by("id").values_list("price", "list_price", "availability", "source", "held"))


def test_same_price_is_confirmed_and_leaves_no_row() -> None:
    offer = make()
    assert take(offer) == (offer.pk, Outcome.SAME, False)
    assert (offer.confirmed_at != OLD, offer.updated_at, offer.failures, offer.error, offer.etag) == (True, OLD, 0, "", '"new"')
    assert (history(offer), offer.version) == ([], 1)


def test_changed_price_is_taken_over_and_appended() -> None:
    offer = make()
    assert take(offer, price=8_000, list_price=12_000, source="feed") == (offer.pk, Outcome.CHANGED, True)
    assert (offer.price, offer.list_price, offer.updated_at > OLD, offer.version) == (8_000, 12_000, True, 1)
    assert history(offer) == [(8_000, 12_000, "in_stock", "feed", False)]


def test_first_price_is_never_suspicious() -> None:
    assert take(make(price=None)).outcome == Outcome.CHANGED


@pytest.mark.parametrize(("price", "outcome"), [(4_000, Outcome.CHANGED), (3_999, Outcome.HELD), (16_000, Outcome.CHANGED), (16_001, Outcome.HELD)])
def test_change_beyond_the_limit_is_held(price: int, outcome: Outcome) -> None:
    offer = make()
    assert take(offer, price=price).outcome == outcome
    assert (offer.price, offer.held_price) == ((price, None) if outcome == Outcome.CHANGED else (10_000, price))


def test_held_price_is_kept_once_and_not_confirmed() -> None:
    offer = make()
    take(offer, price=1_000)
    since = offer.held_at
    take(offer, price=1_000)
    assert (offer.held_at, offer.confirmed_at, offer.updated_at) == (since, OLD, OLD)
    assert history(offer) == [(1_000, None, "in_stock", "tracker", True)]


def test_held_price_is_dropped_when_the_page_is_believable_again() -> None:
    offer = make(held_price=1_000, held_at=OLD)
    take(offer)
    assert (offer.held_price, offer.held_at) == (None, None)


@pytest.mark.parametrize("what", [{"code": "http_404", "error": "The page answered 404.", "price": None}, {"not_modified": True, "price": None}])
def test_held_price_stays_while_nothing_new_is_known(what: dict) -> None:
    offer = make(held_price=1_000, held_at=OLD)
    take(offer, **what)
    assert (offer.held_price, offer.held_at, offer.price) == (1_000, OLD, 10_000)
    # The page still says the held price: that confirms no other.
    assert offer.confirmed_at == OLD


def test_dismissed_price_is_not_held_again_until_the_page_says_something_else() -> None:
    offer = make(dismissed_price=1_000)
    assert [take(offer, price=1_000).outcome, take(offer, not_modified=True, price=None, etag="").outcome] == [Outcome.DISMISSED, Outcome.SAME]
    assert (offer.price, offer.held_price, offer.dismissed_price, history(offer)) == (10_000, None, 1_000, [])
    # The page still says what was dismissed: that confirms no other price.
    assert (offer.confirmed_at, offer.failures, offer.etag) == (OLD, 0, '"new"')
    assert (take(offer, code="timeout", error="No answer.", price=None).outcome, offer.dismissed_price) == (Outcome.FAILED, 1_000)
    assert (take(offer, price=1_001).outcome, offer.held_price, offer.dismissed_price) == (Outcome.HELD, 1_001, None)
    assert (take(offer, price=1_000).outcome, offer.held_price) == (Outcome.HELD, 1_000)


def test_believable_price_ends_a_dismissal() -> None:
    offer = make(dismissed_price=1_000)
    assert (take(offer).outcome, offer.dismissed_price, offer.confirmed_at != OLD) == (Outcome.SAME, None, True)


def test_failure_is_counted_with_its_reason_and_confirms_nothing() -> None:
    offer = make(etag='"old"')
    assert take(offer, code="timeout", error="No answer within 10 s.", price=None).outcome == Outcome.FAILED
    assert (offer.failures, offer.error_code, offer.error, offer.price, offer.confirmed_at) == (3, "timeout", "No answer within 10 s.", 10_000, OLD)
    assert (offer.checked_at != OLD, offer.etag, history(offer)) == (True, '"old"', [])


def test_not_modified_confirms_the_price() -> None:
    offer = make(etag='"old"')
    assert take(offer, not_modified=True, price=None, etag="").outcome == Outcome.SAME
    assert (offer.confirmed_at != OLD, offer.failures, offer.etag, history(offer)) == (True, 0, '"old"', [])


def test_another_currency_is_refused() -> None:
    offer = make()
    assert take(offer, currency="USD").outcome == Outcome.CURRENCY
    assert (offer.price, offer.error_code, offer.error, offer.failures) == (10_000, "currency", "The page says USD, the offer is in BRL.", 3)
    assert history(offer) == []


def test_override_stays_and_what_is_shown_does_not_change_under_it() -> None:
    offer = make()
    override = make_override(offer, amount=7_000)
    assert take(offer, price=9_500) == (offer.pk, Outcome.CHANGED, False)
    override.refresh_from_db()
    assert (offer.price, override.amount, override.ended_at, offer.updated_at) == (9_500, 7_000, None, OLD)


def test_nothing_of_an_archived_offer_is_shown() -> None:
    offer = make(status="archived")
    assert take(offer, price=9_500) == (offer.pk, Outcome.CHANGED, False)
    # The moment of the archiving tells which offers come back with a product.
    assert (offer.price, offer.updated_at) == (9_500, OLD)


def test_expired_override_hides_nothing() -> None:
    offer = make()
    make_override(offer, amount=7_000, expires_at=clock.now() - timedelta(hours=1))
    assert take(offer, price=9_500).shown is True


def test_many_are_written_with_one_statement(django_assert_num_queries: Any) -> None:
    offers = [make() for _ in range(5)]
    with django_assert_num_queries(1):
        written = write_findings([found(offer, price=9_000 + number) for number, offer in enumerate(reversed(offers))])
    assert [each.offer_id for each in written] == [offer.pk for offer in offers]
    assert Price.objects.count() == 5


def test_offer_that_is_gone_is_left_out() -> None:
    assert (write_findings([Finding(999_999, price=1, currency="BRL")]), write_findings([])) == ([], [])
