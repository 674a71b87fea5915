from datetime import date

import pytest

from catalog.transfer import cells
from opsportal.errors import Invalid

PRICES = [
    ("64,90", "BRL", 6490), ("64.90", "BRL", 6490), ("64,9", "BRL", 6490), ("64", "BRL", 6400), ("1.234,56", "BRL", 123456), ("1,234.56", "BRL", 123456),
    ("1.234.567", "BRL", 123456700), ("R$ 1.234,50", "BRL", 123450), ("1 234,50", "BRL", 123450), ("64.900", "KWD", 64900), ("1.234", "JPY", 1234),
    ("500", "JPY", 500), (64.9, "BRL", 6490), (0.1 + 0.2, "BRL", 30), (64, "BRL", 6400), (500.0, "JPY", 500), ("", "BRL", None), (None, "BRL", None),
]  # fmt: skip
NO_PRICES = [
    ("1.234", "BRL", "“1.234” can be read as 1.23 or as 1234.00; write it with its decimal places"),
    ("1,234", "KWD", "“1,234” can be read as 1.234 or as 1234.000; write it with its decimal places"),
    ("0,123", "BRL", "“0,123” has more decimal places than BRL, which has 2"),
    (64.999, "BRL", "“64.999” has more decimal places than BRL, which has 2"),
    ("1.234.56", "BRL", "“1.234.56” is no price; write it as 64.90 or 64,90"),
    ("-3", "BRL", "“-3” is no price; write it as 64.90 or 64,90"),
    ("free", "BRL", "“free” is no price; write it as 64.90 or 64,90"),
    ("0", "BRL", "A price is more than 0, and no fantasy."),
    (float("nan"), "BRL", "“nan” is no price"),
    (1e16, "BRL", "A price is more than 0, and no fantasy."),
    (date(2026, 5, 1), "BRL", "the spreadsheet program made a date of the price; format the column as a number and enter it anew"),
]


@pytest.mark.parametrize(("cell", "currency", "minor"), PRICES)
def test_price_is_read_in_its_currency(cell, currency, minor):
    assert cells.price(cell, "price", currency) == minor


@pytest.mark.parametrize(("cell", "currency", "why"), NO_PRICES)
def test_price_that_is_none_or_two_is_refused(cell, currency, why):
    with pytest.raises(Invalid) as refused:
        cells.price(cell, "price", currency)
    assert (str(refused.value), refused.value.field) == (why, "price")


@pytest.mark.parametrize(
    ("cell", "number"),
    [(7.891000315507e12, "7891000315507"), ("7891000315507", "7891000315507"), (12345678905.0, "0012345678905"), (96385074, "96385074"), ("", None)],
)
def test_gtin_that_a_spreadsheet_took_for_a_number_comes_back(cell, number):
    assert cells.gtin(cell, "gtin") == number


@pytest.mark.parametrize("cell", ["7,891E+12", "7.89100E+12", "7891000315508", "12345678905", "abc"])
def test_gtin_that_lost_digits_is_refused(cell):
    with pytest.raises(Invalid):
        cells.gtin(cell, "gtin")


@pytest.mark.parametrize("text", ["=1+1", "+55", "-5", "@x", "\tx", "'=x", "''=x", "plain", "'quoted'", "", "a=b"])
def test_what_was_escaped_is_read_back(text):
    assert cells.as_text(cells.escaped(text)) == text.strip()


def test_formulas_are_escaped():
    assert [cells.escaped(text) for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'=x", "a=1")] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "''=x", "a=1",
    ]  # fmt: skip


@pytest.mark.parametrize(("cell", "value"), [("In stock", "in_stock"), ("OUT-OF-STOCK", "out_of_stock"), ("", "")])
def test_choice_is_read_as_people_write_it(cell, value):
    assert cells.choice(cell, "availability", ["in_stock", "out_of_stock"]) == value


def test_choice_that_is_none_of_them_is_refused():
    with pytest.raises(Invalid, match="“sold” is none of: in_stock, out_of_stock"):
        cells.choice("sold", "availability", ["in_stock", "out_of_stock"])


@pytest.mark.parametrize(("cell", "text"), [(12.0, "12"), (12.5, "12.5"), (True, "TRUE"), (None, ""), (date(2026, 5, 1), "2026-05-01"), (" x ", "x")])
def test_any_cell_is_a_text(cell, text):
    assert cells.as_text(cell) == text
