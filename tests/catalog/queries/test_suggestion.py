import pytest

from catalog.models import Profile, Purchase
from catalog.queries.feed import candidates
from catalog.queries.suggestion import suggestions
from opsportal import clock
from tests.factories import make_household, make_offer, make_product, make_store

pytestmark = pytest.mark.django_db


def asks(**wishes) -> Profile:
    return Profile.objects.create(household=make_household(), **wishes)


def found(profile: Profile) -> list[tuple[str, int]]:
    return [(one.words, one.gain) for one in suggestions(profile, profile.household_id)]


def test_a_highest_price_is_raised_only_as_far_as_it_brings_something():
    for price in (25_000, 34_000, 35_000, 90_000):
        make_offer(price=price)
    assert found(asks(max_price=20_000)) == [
        ("Raise the highest price from R$200.00 to R$350.00", 3), ("Raise the highest price from R$200.00 to R$250.00", 1),
    ]  # fmt: skip


def test_an_exclusion_taken_back_counts_products_that_no_other_store_has():
    store = make_store(name="Loja Azul")
    both = make_product()
    make_offer(product=both, store=store)
    make_offer(product=both)
    for _number in range(2):
        make_offer(store=store)
    assert found(asks(excluded_stores=[store.pk])) == [("Take back the exclusion of Loja Azul", 2)]


def test_a_category_a_saving_and_a_currency_are_counted_each_for_itself():
    make_offer(product=make_product(category="toys"), median_90=20_000)
    make_offer(price=9_500, median_90=10_000)
    make_offer(price=8_500, median_90=10_000)
    make_offer(currency="USD", median_90=20_000)
    assert sorted(found(asks(categories=["kitchen"], min_saving=20))) == [
        ("Add the category “toys”", 1), ("Ask for no least saving instead of 20 %", 2), ("Look at prices in USD instead of BRL", 1),
        ("Lower the least saving from 20 % to 10 %", 1),
    ]  # fmt: skip


def test_what_two_wishes_keep_away_or_what_was_bought_is_no_gain_of_one():
    make_offer(product=make_product(category="toys"), price=25_000)
    bought = make_offer(price=25_000)
    profile = asks(categories=["kitchen"], max_price=20_000)
    Purchase.objects.create(household=profile.household, offer=bought, external_id="1", price=1, currency="BRL", bought_at=clock.now())
    make_offer(price=25_000, bucket="risky")
    assert found(profile) == []


def test_the_gain_is_what_the_feed_grows_by_once_the_wish_is_changed():
    for number in range(6):
        make_offer(product=make_product(category="toys" if number % 2 else "kitchen"), price=10_000 + number * 1_000, median_90=20_000)
    profile = asks(categories=["kitchen"], max_price=12_000, min_saving=10)
    before = len(candidates(profile.household_id))
    offered = suggestions(profile, profile.household_id)
    assert len(offered) == 2
    for one in offered:
        Profile.objects.filter(pk=profile.pk).update(categories=profile.categories, max_price=profile.max_price)
        Profile.objects.filter(pk=profile.pk).update(**one.wishes)
        assert (one.words, len(candidates(profile.household_id)) - before) == (one.words, one.gain)
