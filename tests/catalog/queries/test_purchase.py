from datetime import UTC, date, datetime

import pytest

from catalog.models import Purchase
from catalog.queries.purchase import Economy, economy_between, economy_of, economy_per_day, find_purchases, totals
from tests.factories import make_household

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


def bought(at: datetime, *, household=None, **fields) -> Purchase:
    known = {"external_id": f"p-{Purchase.objects.count()}", "price": 9_000, "currency": "BRL", "median_90": 10_000, "declared_saving": 1_500}
    return Purchase.objects.create(household=household or make_household(), bought_at=at, **known | fields)


def at(hour: int, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_a_day_is_the_teams_day_and_currencies_stay_apart():
    # São Paulo is three hours behind UTC.
    bought(at(2))
    for moment in (at(3), at(2, 21)):
        bought(moment)
    bought(at(12), currency="USD", price=500, median_90=None, declared_saving=None)
    bought(at(3, 21))
    assert economy_of(DAY) == (
        Economy("BRL", purchases=2, paid=18_000, declared=3_000, confirmed=2_000),
        Economy("USD", purchases=1, paid=500, without_median=1),
    )


def test_outliers_are_counted_and_stand_in_no_sum():
    bought(at(12))
    bought(at(12), is_outlier=True, declared_saving=900_000)
    assert economy_of(DAY) == (Economy("BRL", purchases=2, outliers=1, paid=9_000, declared=1_500, confirmed=1_000),)


def test_a_day_without_purchases_is_empty():
    assert economy_of(DAY) == ()


def test_several_days_are_summed_together_or_one_by_one():
    bought(at(12, 19))
    bought(at(12))
    assert [one.purchases for one in economy_between(date(2026, 11, 19), DAY)] == [2]
    per_day = economy_per_day(DAY, days=3)
    assert {day: totals(found) for day, found in per_day.items()} == {DAY: (1, 0), date(2026, 11, 19): (1, 0), date(2026, 11, 18): (0, 0)}
    assert per_day[DAY] == economy_of(DAY)


def test_purchases_are_found_by_household_day_and_doubt():
    plain = bought(at(12))
    doubted = bought(at(12, 21), is_outlier=True)
    assert list(find_purchases(household=plain.household_id)) == [plain]
    assert list(find_purchases(day=DAY)) == [plain]
    assert list(find_purchases(only_outliers=True)) == [doubted]
