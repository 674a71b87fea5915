from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing.providers import values


def test_text_is_what_the_database_takes():
    assert [values.text(one, 5) for one in (None, "a\x00b", "abcdefgh", 12)] == ["", "ab", "abcde", "12"]


@pytest.mark.parametrize("amount", [Decimal(-1), Decimal(10) ** 20, Decimal("NaN"), Decimal("Infinity")])
def test_amount_that_no_column_holds_is_none(amount):
    with pytest.raises((ValueError, ArithmeticError)):
        values.minor(amount, "BRL")


@pytest.mark.parametrize("value", [None, "soon", True, 10**30, -(10**30), float("nan"), []])
def test_moment_that_is_none_is_not_known(value):
    assert values.at(value) is None
    assert values.iso(value) is None


def test_moment_without_a_zone_is_not_known():
    assert values.iso("2026-10-01T09:11:04") is None
    assert values.iso("2026-10-01T09:11:04-04:00") == datetime(2026, 10, 1, 13, 11, 4, tzinfo=UTC)
