import pytest
from django.db import connection

from beta.models import Household
from catalog.models import Profile, Purchase
from catalog.queries.feed import FILTERS, FRESH, FeedHealth, candidates, feed_health, funnel, households_of, shelves
from opsportal import clock
from tests.factories import make_household, make_offer, make_override, make_product, make_store

pytestmark = pytest.mark.django_db


def wishes(**fields) -> Household:
    household = make_household()
    Profile.objects.create(household=household, **fields)
    return household


def bought(household, **fields):
    return Purchase.objects.create(household=household, external_id=str(clock.now()), price=100, currency="BRL", bought_at=clock.now(), **fields)


def ids(household, **options) -> list[int]:
    return [one.offer_id for one in candidates(household.pk, **options)]


def stopped_at(offer, household=None) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT stopped_at FROM fn_feed_checks(%s) WHERE offer_id = %s", [(household or make_household()).pk, offer.pk])
        return str(found) if (found := cursor.fetchone()[0]) else None


def test_a_household_without_wishes_sees_whatever_may_be_shown():
    offer = make_offer(title="Panela", price=8_000, list_price=12_000, bucket="safe", median_90=10_000)
    found = candidates(make_household().pk)
    assert [(one.offer_id, one.product_id, one.store, one.title, one.price, one.list_price, one.currency) for one in found] == [
        (offer.pk, offer.product_id, offer.store.name, "Panela", 8_000, 12_000, "BRL")
    ]
    assert [(one.bucket, one.saving_percent, one.rank) for one in found] == [("safe", 20, 1)]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": "archived"}, "archived"),
        ({"price": None}, "no_price"),
        ({"availability": "out_of_stock"}, "not_in_stock"),
        ({"availability": "preorder"}, "not_in_stock"),
        ({"confirmed_at": None}, "stale"),
        ({"confirmed_at": clock.now() - FRESH}, "stale"),
        ({"bucket": "risky"}, "risky"),
        ({"bucket": "unknown"}, None),
    ],
)
def test_an_offer_is_stopped_by_the_first_filter_that_says_no(fields, why):
    assert stopped_at(make_offer(**fields)) == why


def test_an_archived_product_and_a_store_that_is_not_asked_stop_their_offers():
    archived, unasked = make_offer(product=make_product(status="archived")), make_offer(store=make_store(is_active=False))
    assert [stopped_at(archived), stopped_at(unasked)] == ["archived", "archived"]


def test_a_filter_before_another_is_the_one_that_is_named():
    assert stopped_at(make_offer(status="archived", price=None, availability="out_of_stock", bucket="risky")) == "archived"
    assert stopped_at(make_offer(availability="out_of_stock", confirmed_at=None, bucket="risky")) == "not_in_stock"


def test_an_override_is_what_counts_and_keeps_an_offer_fresh():
    offer = make_offer(price=10_000, confirmed_at=None, availability="out_of_stock")
    make_override(offer, amount=7_000)
    assert stopped_at(offer) == "not_in_stock"
    make_override(offer, field="availability", amount=None, availability="in_stock", tracked_amount=None)
    assert [one.price for one in candidates(make_household().pk)] == [7_000]


def test_only_an_override_of_the_price_keeps_a_price_fresh():
    """Who says that it is in stock has not looked at what it costs."""
    offer = make_offer(confirmed_at=None, list_price=12_000)
    make_override(offer, field="availability", amount=None, availability="in_stock", tracked_amount=None)
    make_override(offer, field="list_price", amount=11_000)
    make_override(offer, amount=7_000, ended_at=clock.now(), ended_because="reverted")
    make_override(make_offer(), amount=7_000)
    assert stopped_at(offer) == "stale"
    make_override(offer, amount=7_000)
    assert stopped_at(offer) is None


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"categories": ["garden"]}, "category"),
        ({"categories": ["garden", "kitchen"]}, None),
        ({"currency": "USD"}, "currency"),
        ({"max_price": 9_999}, "max_price"),
        ({"max_price": 10_000}, None),
        ({"min_saving": 10}, None),
        ({"min_saving": 11}, "min_saving"),
        ({}, None),
    ],
)
def test_wishes_stop_what_the_household_did_not_ask_for(asked, why):
    assert stopped_at(make_offer(price=10_000, median_90=11_200), wishes(**asked)) == why


def test_a_saving_is_rounded_down_and_unknown_without_a_median():
    without, above = make_offer(median_90=None), make_offer(price=10_000, median_90=9_999)
    with connection.cursor() as cursor:
        cursor.execute("SELECT saving_percent FROM feed_offers ORDER BY offer_id")
        assert cursor.fetchall() == [(None,), (-1,)]
    asks = wishes(min_saving=1)
    assert [stopped_at(without, asks), stopped_at(above, asks)] == ["min_saving", "min_saving"]


def test_an_excluded_store_gives_way_to_another():
    product = make_product()
    cheap, dear = make_offer(product=product, price=8_000), make_offer(product=product, price=9_000)
    assert ids(make_household()) == [cheap.pk]
    assert ids(wishes(excluded_stores=[cheap.store_id])) == [dear.pk]


def test_what_was_bought_is_not_shown_again_by_offer_or_by_product():
    first, second, third = make_offer(), make_offer(), make_offer()
    household = make_household()
    bought(household, offer=first)
    bought(household, product=second.product)
    bought(household)
    assert ids(household) == [third.pk]
    assert len(ids(make_household())) == 3


def test_the_feed_is_ranked_by_bucket_then_by_saving():
    watch = make_offer(bucket="watch", price=5_000, median_90=10_000)
    unknown = make_offer(bucket="unknown", price=1_000, median_90=10_000)
    safe, better = make_offer(bucket="safe", price=9_000, median_90=10_000), make_offer(bucket="safe", price=8_000, median_90=10_000)
    bare = make_offer(bucket="safe", price=1_000)
    assert ids(make_household()) == [better.pk, safe.pk, bare.pk, watch.pk, unknown.pk]


def test_the_limit_cuts_the_end_off():
    offers = [make_offer(bucket="safe", price=price, median_90=10_000) for price in (7_000, 8_000, 9_000)]
    household = make_household()
    assert [ids(household, limit=limit) for limit in (0, 1, 2, -1)] == [[], [offers[0].pk], [offers[0].pk, offers[1].pk], []]


def test_a_removed_and_an_unknown_household_get_nothing():
    make_offer()
    removed = make_household()
    Household.objects.filter(pk=removed.pk).update(status="removed")
    assert [ids(removed), candidates("00000000-0000-0000-0000-000000000000")] == [[], []]


def test_the_function_works_as_the_manual_says_whatever_the_search_path():
    offer = make_offer()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_catalog")
        cursor.execute("SELECT offer_id FROM public.fn_get_feed_candidates(%s)", [make_id(cursor)])
        assert cursor.fetchall() == [(offer.pk,)]
        cursor.execute('SELECT offer_id FROM public.fn_get_feed_candidates(household_id => %s, "limit" => 0)', [make_id(cursor)])
        assert cursor.fetchall() == []


def make_id(cursor):
    cursor.execute("SELECT id FROM public.households UNION ALL SELECT NULL LIMIT 1")
    found = cursor.fetchone()[0]
    if found is None:
        cursor.execute("INSERT INTO public.households (household_key, email) VALUES ('psql', 'psql@example.com') RETURNING id")
        found = cursor.fetchone()[0]
    return found


def test_the_funnel_says_what_each_filter_leaves():
    product = make_product()
    make_offer(product=product, price=50_000)
    make_offer(product=product, price=8_000)
    make_offer(bucket="risky")
    make_offer(product=make_product(category="garden"))
    found = funnel(wishes(categories=["kitchen"], max_price=10_000).pk)
    assert (found.offers, found.products, found.items) == (4, 3, 1)
    assert {step.code: (step.stopped, step.offers, step.products) for step in found.steps if step.stopped} == {
        "risky": (1, 3, 2), "category": (1, 2, 1), "max_price": (1, 1, 1),
    }  # fmt: skip
    assert [step.code for step in found.steps] == list(FILTERS)
    assert (found.worst.code, found.worst.is_of_the_catalog) == ("max_price", False)


def test_the_funnel_of_a_removed_household_is_empty():
    make_offer()
    removed = make_household()
    Household.objects.filter(pk=removed.pk).update(status="removed")
    found = funnel(removed.pk)
    assert (found.offers, found.items) == (0, 0)


def test_shelves_say_what_a_category_has_also_when_that_is_nothing():
    make_offer()
    make_offer(bucket="risky")
    make_offer(status="archived")
    found = [(shelf.category, shelf.active, shelf.shown) for shelf in shelves(["kitchen", "moon"])]
    assert found == [("moon", 0, 0), ("kitchen", 2, 1)]


def test_feed_health_counts_every_active_household():
    for _number in range(6):
        make_offer()
    full, poor, empty = make_household(), wishes(categories=["garden"]), wishes(max_price=1)
    make_offer(product=make_product(category="garden"), price=500)
    Household.objects.filter(pk=make_household().pk).update(status="removed")
    health = feed_health()
    assert (health.households, health.poor, health.empty, health.empty_ids) == (3, 2, 1, (empty.pk,))
    assert health.spread == ((0, 0, 1), (1, 4, 1), (5, 9, 1), (10, 19, 0), (20, None, 0))
    assert (health.poor_percent, health.tone) == (66.7, "fail")
    assert set(households_of([full.pk, poor.pk])) == {full, poor}


def test_feed_health_without_households_is_unknown_and_never_good():
    health = feed_health()
    assert (health.households, health.poor_percent, health.tone) == (0, None, "unknown")


@pytest.mark.parametrize(("poor", "empty", "tone"), [(0, 0, "ok"), (20, 0, "ok"), (20, 1, "warn"), (21, 0, "fail")])
def test_the_tone_of_the_feed_follows_its_red_flag(poor, empty, tone):
    assert FeedHealth(100, poor, empty, (), ()).tone == tone
