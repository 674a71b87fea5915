"""Amounts as stores write them → minor units. In doubt an amount is refused: a wrong price is worse than none.

schema.org asks for a full stop before the decimals and no separators (https://schema.org/price); many stores write as their
readers do. price-parser tells such strings apart; what it would only guess is refused here.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from babel import Locale
from babel.numbers import get_currency_precision
from price_parser import Price

from catalog.reading.result import Unreadable

# Minor units. Above it stands a mistake, whatever the currency.
MOST = 100_000_000_000
LONGEST = 80
_MACHINE = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_NUMBER = re.compile(r"\d[\d.,'’٬٫\s]*")
_MINUS = re.compile(r"[-−‐‒–—]\s*[^\d\s]{0,4}\s*[.,]?\d|^\s*\(.*\)\s*$")
# Belong to several currencies.
_UNCLEAR = {"$", "¥", "￥", "£", "kr", "Kr", "Rs", "₨"}
_NO_MONEY = {"XXX", "XTS", "XAU", "XAG", "XPT", "XPD"}


def currency_of(value: Any) -> str | None:
    """The ISO 4217 code that a text means beyond doubt: a code, or a symbol of one currency only (R$, €, US$)."""
    text = str(value).strip() if isinstance(value, str) else ""
    if not text or len(text) > 40:
        return None
    code = text.upper()
    if code in _codes():
        return code
    return _symbols().get(text)


def minor_units(value: Any, currency: str) -> int:
    """An amount as a number or a text → minor units of `currency`, rounded half up. Raises Unreadable.

    A bare “1.234” means 1234 or 1.23, depending on who wrote it: refused as unclear where the currency has two decimals.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise Unreadable("no_price", "The price is neither a number nor a text.")
    digits = get_currency_precision(currency)
    amount = _from_text(value, currency, digits) if isinstance(value, str) else Decimal(str(value))
    return _checked(amount, digits)


def _checked(amount: Decimal, digits: int) -> int:
    if not amount.is_finite():
        raise Unreadable("no_price", "The price is not a number.")
    if amount < 0:
        raise Unreadable("negative_price", "The price is less than zero.")
    # First of all: an exponent of a million would take a million digits to write down.
    if amount > MOST:
        raise Unreadable("absurd_price", "The price is more than any product costs.")
    scaled = amount.scaleb(digits) if amount else amount
    if digits == 0 and scaled != scaled.to_integral_value():
        raise Unreadable("unclear_price", "The price has decimals, and its currency has none.")
    minor = int(scaled.to_integral_value(ROUND_HALF_UP))
    if minor == 0:
        raise Unreadable("zero_price", "The price is zero.")
    if minor > MOST:
        raise Unreadable("absurd_price", "The price is more than any product costs.")
    return minor


def _from_text(text: str, currency: str, digits: int) -> Decimal:
    text = text.strip()
    if not text:
        raise Unreadable("no_price", "The price is empty.")
    if len(text) > LONGEST:
        raise Unreadable("unclear_price", "The price is a long text.")
    if _MACHINE.fullmatch(text):
        return _from_digits(text, digits)
    if any(sign.isdigit() and not sign.isascii() for sign in text):
        raise Unreadable("unclear_price", f"The price “{text}” is written in digits that are not read here.")
    if len(_NUMBER.findall(text)) > 1:
        raise Unreadable("unclear_price", f"The price “{text}” holds several numbers.")
    if _MINUS.search(text):
        raise Unreadable("negative_price", f"The price “{text}” is less than zero.")
    found = Price.fromstring(text)
    if found.amount is None or found.amount_text is None or not _NUMBER.search(text):
        raise Unreadable("no_price", f"The price “{text}” holds no number.")
    _check_symbol(text, found.currency, currency)
    return _from_grouped(text, found.amount_text.strip(), found.amount, digits)


def _from_digits(text: str, digits: int) -> Decimal:
    """A bare number as programs write it, unless what stands behind its point may be thousands."""
    whole, _point, decimals = text.partition(".")
    grouped = len(decimals) == 3 and decimals.isdigit() and 1 <= len(whole.lstrip("+-")) <= 3 and whole.strip("+-0") != ""
    if grouped and digits == 0:
        return Decimal(whole + decimals)
    if grouped and digits < 3:
        raise Unreadable("unclear_price", f"The price “{text}” may mean {whole}{decimals} or {whole}.{decimals}.")
    return Decimal(text)


def _from_grouped(text: str, number: str, amount: Decimal, digits: int) -> Decimal:
    """What price-parser made of it, unless the separators contradict each other, or the last one could be either kind."""
    separators = re.findall(r"[.,'’\s]+", number)
    groups = re.split(r"[.,'’\s]+", number)
    last = len(groups[-1]) == 3
    if last and digits == 3 and separators:
        # Three decimals are what this currency has. Only the full stop is surely their sign, and only where it stands once.
        if separators[-1].strip() != "." or separators.count(separators[-1]) > 1:
            raise Unreadable("unclear_price", f"The price “{text}” may have three decimals or none.")
        amount = Decimal("".join(groups[:-1]) + "." + groups[-1])
    elif last and len(set(separators)) > 1:
        raise Unreadable("unclear_price", f"The price “{text}” is grouped as no number is.")
    is_whole = amount == amount.to_integral_value() and last
    inner = groups[1:] if is_whole else groups[1:-1]
    if any(len(group) != 3 for group in inner) or (inner and (len(groups[0]) > 3 or groups[0].startswith("0"))):
        raise Unreadable("unclear_price", f"The price “{text}” is grouped as no number is.")
    return amount


def _check_symbol(text: str, symbol: str | None, currency: str) -> None:
    meant = currency_of(symbol)
    if meant and meant != currency:
        raise Unreadable("currency_contradicts", f"The price “{text}” says {meant}, the currency beside it says {currency}.")


def symbol_in(value: Any) -> str | None:
    """The currency that a price's own text names beyond doubt."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    return currency_of(Price.fromstring(value).currency)


@cache
def _codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies) - _NO_MONEY


@cache
def _symbols() -> dict[str, str]:
    """Symbols that one currency only has. CLDR's English ones are unique among themselves; those shared elsewhere are left out."""
    known = {symbol: code for code, symbol in Locale("en").currency_symbols.items()}
    return {symbol: code for symbol, code in {**known, "US$": "USD", "zł": "PLN", "Kč": "CZK"}.items() if symbol not in _UNCLEAR and code in _codes()}
