"""fn_feed_counts counts for all households at once what fn_get_feed_candidates gives to each. Held together on made-up catalogs."""

import random

import pytest
from django.db import connection

from catalog.models import Offer, Product, Profile, Purchase, Store
from opsportal import clock
from tests.factories import make_household, make_override

pytestmark = pytest.mark.django_db
KINDS = ("kitchen", "garden", "toys", "")


def make_catalog(dice: random.Random) -> list[Offer]:
    stores = Store.objects.bulk_create(Store(key=f"s{number}", name=f"S{number}", is_active=dice.random() < 0.9) for number in range(5))
    products = Product.objects.bulk_create(
        Product(name=f"P{number}", category=dice.choice(KINDS), status=dice.choice(["active"] * 9 + ["archived"])) for number in range(30)
    )
    now = clock.now()
    offers = Offer.objects.bulk_create(
        Offer(
            product=dice.choice(products), store=dice.choice(stores), url=f"https://shop.example/{number}", price=dice.choice([None, *range(100, 2_000, 50)]),
            currency=dice.choice(["BRL"] * 6 + ["USD"]), availability=dice.choice(["in_stock"] * 5 + ["out_of_stock"]), median_90=dice.choice([None, 900, 1_500]),
            confirmed_at=dice.choice([now, now, now, None]), bucket=dice.choice(["safe", "watch", "unknown", "risky"]),
        )
        for number in range(120)
    )  # fmt: skip
    for offer in dice.sample(offers, 10):
        make_override(offer, amount=dice.randrange(100, 2_000))
    return offers


def make_households(dice: random.Random, offers: list[Offer]) -> None:
    stores = sorted({offer.store_id for offer in offers})
    for number in range(40):
        household = make_household(status="active")
        if number % 6:
            Profile.objects.create(
                household=household, categories=dice.choices(KINDS, k=dice.randrange(4)), excluded_stores=dice.choices(stores, k=dice.randrange(4)),
                max_price=dice.choice([None, 100, 400, 900, 1_500]), currency=dice.choice(["BRL"] * 5 + ["USD"]), min_saving=dice.choice([None, 1, 20, 60]),
            )  # fmt: skip
        for place, offer in enumerate(dice.sample(offers, dice.randrange(8))):
            what = {"offer": offer} if place % 2 else {"product_id": offer.product_id}
            Purchase.objects.create(household=household, external_id=f"{number}-{place}", price=1, currency="BRL", bought_at=clock.now(), **what)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most", [3, 1_000])
def test_counting_for_all_agrees_with_the_feed_of_each(seed, most):
    dice = random.Random(seed)
    make_households(dice, make_catalog(dice))
    with connection.cursor() as cursor:
        cursor.execute("SELECT household_id, items FROM fn_feed_counts(%s)", [most])
        counted = dict(cursor.fetchall())
        cursor.execute("SELECT h.id, (SELECT count(*) FROM fn_get_feed_candidates(h.id, %s)) FROM households h", [most])
        given = dict(cursor.fetchall())
    assert counted == given
    assert len(set(given.values())) > 2
