"""The sample data: a catalog that is alive, with a price history that the shops' pages go on from."""

from collections import Counter
from typing import Any

import pytest

from catalog.models import Alert, Offer, Override, Price, Purchase
from sandbox import sample
from sandbox.shops.assortment import SHOPS, sold_by
from sandbox.shops.server import path_of

pytestmark = pytest.mark.django_db


def test_sample_data_brings_every_state_the_desk_can_show() -> None:
    sample.load("a good password of the tests", "http://127.0.0.1:8001")
    addresses = {f"http://127.0.0.1:8001{path_of(shop, good)}" for shop in SHOPS for good in sold_by(shop)}
    assert set(Offer.objects.values_list("url", flat=True)) == addresses
    assert set(Counter(Offer.objects.values_list("bucket", flat=True))) == {"safe", "watch", "risky", "unknown"}
    assert set(Offer.objects.exclude(error_code="").values_list("error_code", flat=True)) >= {"http_404", "timeout", "robots"}
    assert (Override.objects.count(), Offer.objects.exclude(held_at=None).count(), Alert.objects.count(), Purchase.objects.count()) == (11, 1, 36, 28)
    assert Price.objects.filter(held=True).exists()


def test_sample_data_is_loaded_once(django_assert_max_num_queries: Any) -> None:
    sample.load("a good password of the tests", "http://127.0.0.1:8001")
    before = Offer.objects.count()
    with django_assert_max_num_queries(3):
        sample.load("another one", "http://127.0.0.1:8002")
    assert Offer.objects.count() == before
