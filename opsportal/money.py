"""Money is an integer of minor units and an ISO 4217 currency: 6490 BRL is R$ 64,90, 500 JPY is ¥500. Digits and signs: Unicode CLDR, by Babel."""

from decimal import ROUND_HALF_EVEN, Decimal

from babel import Locale
from babel.numbers import format_currency, get_currency_precision, is_currency
from django.utils.translation import get_language, to_locale


def known(currency: str) -> bool:
    """Whether it is a currency's code, in capitals."""
    return currency.isupper() and bool(is_currency(currency))


def digits(currency: str) -> int:
    """Decimal places: 2 for BRL, 0 for JPY, 3 for KWD."""
    return int(get_currency_precision(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """Half a minor unit goes to the even one. Raises decimal.InvalidOperation for NaN and Infinity."""
    return int(amount.scaleb(digits(currency)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def to_decimal(minor: int, currency: str) -> Decimal:
    """With exactly the currency's decimal places."""
    return Decimal(minor).scaleb(-digits(currency))


def in_words(minor: int | None, currency: str) -> str:
    """As the reader's language writes it: “R$ 64,90” in Portuguese, “R$64.90” in English. Nothing known: a dash."""
    if minor is None:
        return "–"
    return str(format_currency(to_decimal(minor, currency), currency, locale=Locale.parse(to_locale(get_language() or "en"))))
