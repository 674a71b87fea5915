from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from catalog.models import Purchase
from opsportal import clock
from tests.factories import make_household, make_offer
from tests.signing_in import sign_in

LIST = "/ops/feed/purchases/"


@pytest.fixture
def page(client: Client, viewer: Person) -> Any:
    sign_in(client, viewer)
    return lambda query="": " ".join(client.get(f"{LIST}{query}").content.decode().split())


def bought(number: str, **fields: Any) -> Purchase:
    known = {"price": 9_000, "currency": "BRL", "median_90": 10_000, "declared_saving": 1_500, "bought_at": clock.now(), "external_id": number}
    return Purchase.objects.create(household=make_household(), **known | fields)


def test_an_empty_list_says_where_purchases_come_from(page: Any) -> None:
    assert "No purchase yet" in page()


def test_purchases_are_listed_with_sums_per_day(page: Any) -> None:
    bought("p-1", offer=make_offer(title="Panela"))
    bought("p-2")
    shown = page()
    assert "Panela" in shown
    assert "R$180.00" in shown
    assert "<b>R$20.00</b>" in shown


def test_an_outlier_says_why_and_can_be_filtered(page: Any) -> None:
    bought("plain-1")
    bought("odd-2", is_outlier=True, outlier_reasons=["negative", "far_price"])
    shown = page("?outliers=1")
    assert ("odd-2" in shown, "plain-1" in shown) == (True, False)
    assert "the declared economy is below zero; the price paid is far from every price we know" in shown


def test_the_list_is_filtered_by_day_and_household(page: Any) -> None:
    mine = bought("mine-1")
    bought("other-2")
    shown = page(f"?household={mine.household_id}")
    assert ("mine-1" in shown, "other-2" in shown) == (True, False)
    assert "No purchase matches" in page("?day=2020-01-01")
    # What makes no sense filters nothing.
    assert "mine-1" in page("?day=9999-12-31")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(client: Client, viewer: Person, count: int, django_assert_max_num_queries: Any) -> None:
    for number in range(count):
        bought(f"p-{number}", offer=make_offer())
    sign_in(client, viewer).get(LIST)
    with django_assert_max_num_queries(25):
        assert client.get(LIST).status_code == 200
