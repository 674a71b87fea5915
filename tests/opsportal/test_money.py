from decimal import Decimal

import pytest
from django.utils.translation import override

from opsportal.money import digits, in_words, known, to_decimal, to_minor


@pytest.mark.parametrize(("currency", "places"), [("BRL", 2), ("JPY", 0), ("KWD", 3)])
def test_minor_units_have_the_places_of_their_currency(currency: str, places: int) -> None:
    assert (digits(currency), to_minor(Decimal("12.345"), currency), to_decimal(12345, currency)) == (
        places,
        {0: 12, 2: 1234, 3: 12345}[places],
        Decimal(12345).scaleb(-places),
    )


def test_money_is_written_as_the_reader_writes_it() -> None:
    with override("pt-br"):
        assert in_words(649_000, "BRL") == "R$\xa06.490,00"
    with override("en"):
        assert (in_words(6490, "BRL"), in_words(500, "JPY"), in_words(None, "BRL")) == ("R$64.90", "¥500", "–")


@pytest.mark.parametrize(("code", "is_known"), [("BRL", True), ("brl", False), ("XYZ", False), ("", False)])
def test_a_currency_is_known_by_its_code_in_capitals(code: str, is_known: bool) -> None:
    assert known(code) is is_known
