import contextlib
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.reading.money import MOST, currency_of, minor_units, symbol_in
from catalog.reading.result import Unreadable


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("R$ 1.234,56", "BRL", 123456),
        ("1.234,56", "BRL", 123456),
        ("1,234.56", "USD", 123456),
        ("1 234,56 €", "EUR", 123456),
        ("1\u202f234,56\xa0€", "EUR", 123456),
        ("1234.5", "BRL", 123450),
        ("49.9900", "BRL", 4999),
        ("R$ 1.234", "BRL", 123400),
        ("1,234", "USD", 123400),
        ("1.234.567", "BRL", 123456700),
        ("1'234.50 CHF", "CHF", 123450),
        ("10,- €", "EUR", 1000),
        ("0,99", "BRL", 99),
        ("0.125", "BRL", 13),
        ("1e2", "BRL", 10000),
        ("1200", "JPY", 1200),
        ("1,200", "JPY", 1200),
        ("12.990", "CLP", 12990),
        ("$ 12.990", "CLP", 12990),
        ("12990.00", "CLP", 12990),
        ("1.234", "KWD", 1234),
        ("KD 1,234.500", "KWD", 1234500),
        (10.5, "BRL", 1050),
        (49, "BRL", 4900),
        (Decimal("33.333"), "BRL", 3333),
        (Decimal("12.5"), "KWD", 12500),
    ],
)
def test_amount_is_read(text, currency, minor):
    assert minor_units(text, currency) == minor


@pytest.mark.parametrize(
    ("value", "currency", "code"),
    [
        ("1.234", "BRL", "unclear_price"),
        ("12.990", "USD", "unclear_price"),
        ("1,234", "KWD", "unclear_price"),
        ("1.234,567", "BRL", "unclear_price"),
        ("1.23.456", "BRL", "unclear_price"),
        ("0,500", "BRL", "unclear_price"),
        ("12x de R$ 99,90", "BRL", "unclear_price"),
        ("10 - 20", "BRL", "unclear_price"),
        ("٣٥٫٥", "KWD", "unclear_price"),
        ("12.99", "JPY", "unclear_price"),
        ("1" * 100, "BRL", "unclear_price"),
        ("-10", "BRL", "negative_price"),
        ("R$ -10,00", "BRL", "negative_price"),
        ("(10.00)", "USD", "negative_price"),
        (-1, "BRL", "negative_price"),
        ("0", "BRL", "zero_price"),
        ("R$ 0,00", "BRL", "zero_price"),
        (Decimal("1E-999999"), "BRL", "zero_price"),
        ("1e999", "BRL", "absurd_price"),
        (Decimal("1E+999999"), "BRL", "absurd_price"),
        (1e300, "BRL", "absurd_price"),
        ("2000000000", "BRL", "absurd_price"),
        (float("nan"), "BRL", "no_price"),
        (float("inf"), "BRL", "no_price"),
        ("NaN", "BRL", "no_price"),
        ("", "BRL", "no_price"),
        ("Free", "BRL", "no_price"),
        (True, "BRL", "no_price"),
        (None, "BRL", "no_price"),
        (["10"], "BRL", "no_price"),
        ("€ 10", "BRL", "currency_contradicts"),
        ("US$ 12", "BRL", "currency_contradicts"),
    ],
)
def test_amount_in_doubt_is_refused(value, currency, code):
    with pytest.raises(Unreadable) as refused:
        minor_units(value, currency)
    assert refused.value.code == code
    assert refused.value.words.endswith(".")


@pytest.mark.parametrize(
    ("text", "currency"),
    [("BRL", "BRL"), (" brl ", "BRL"), ("R$", "BRL"), ("€", "EUR"), ("US$", "USD"), ("zł", "PLN"), ("$", None), ("¥", None), ("XXX", None), ("reais", None), (5, None), (None, None)],
)  # fmt: skip
def test_currency_is_known_beyond_doubt_or_not_at_all(text, currency):
    assert currency_of(text) == currency


def test_symbol_within_a_price():
    assert [symbol_in(text) for text in ("R$ 10", "10 EUR", "$ 10", "10", 10)] == ["BRL", "EUR", None, None, None]


@given(st.integers(1, MOST), st.sampled_from(["BRL", "JPY", "KWD"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_amount_comes_back_as_it_was(minor, currency):
    digits = {"BRL": 2, "JPY": 0, "KWD": 3}[currency]
    amount = Decimal(minor).scaleb(-digits)
    assert minor_units(amount, currency) == minor_units(f"{amount:f}", currency) == minor
    if currency != "KWD":
        assert minor_units(f"{amount:,.{digits}f}", currency) == minor
        assert minor_units(f"{amount:,.{digits}f}".translate(str.maketrans(",.", ".,")) + f" {currency}", currency) == minor


@given(st.one_of(st.text(max_size=100), st.from_regex(r"[R$€-]{0,3}[0-9., ]{1,20}"), st.floats(), st.decimals(), st.integers()))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_anything_else_is_refused_in_words(value):
    for currency in ("BRL", "JPY", "KWD"):
        with contextlib.suppress(Unreadable):
            assert 0 < minor_units(value, currency) <= MOST
