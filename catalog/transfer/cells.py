"""What a cell means. A CSV has texts; a spreadsheet has numbers, dates and truths as well, some of them made by the program itself."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from catalog import checking
from opsportal import money
from opsportal.errors import Invalid

# What a spreadsheet takes for a formula when it stands first (OWASP, “CSV injection”). Exports put a quote before it, imports take it away.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_SHORTENED = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_LENGTHS = (8, 12, 13, 14)
# Digits before and after, with at most one kind of sign between groups of three.
_NUMBER = re.compile(r"(?P<whole>[0-9]{1,15}|[0-9]{1,3}(?P<sign>[.,   '’])[0-9]{3}(?:(?P=sign)[0-9]{3})*)(?:(?P<point>[.,])(?P<part>[0-9]+))?")


def escaped(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def as_text(cell: Any) -> str:
    """A number without the “.0” that a spreadsheet adds; a quote that an export put before a formula's sign is gone."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    text = str(cell)
    return (text[1:] if _ESCAPED.match(text) else text).strip()


def _is_date(cell: Any) -> bool:
    return isinstance(cell, datetime | date | time | timedelta)


def line(cell: Any, field: str, *, most: int, needed: bool = False) -> str:
    if _is_date(cell):
        raise Invalid(_("the spreadsheet program made a date of it; format the column as text"), field=field)
    return checking.line(as_text(cell), field, most=most, needed=needed)


def number(cell: Any, field: str) -> int | None:
    """A number of the portal; None where nothing stands."""
    text = as_text(cell)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid(_("“%(text)s” is no number of the portal") % {"text": text[:40]}, field=field)
    return int(text)


def gtin(cell: Any, field: str) -> str | None:
    """As it is kept. A number in a spreadsheet has lost the zeros at its beginning; they come back."""
    text = as_text(cell)
    if isinstance(cell, str) and _SHORTENED.fullmatch(text):
        raise Invalid(
            _("the spreadsheet program has shortened “%(text)s”, digits are lost; format the column as text and enter it anew") % {"text": text},
            field=field,
        )
    if isinstance(cell, int | float) and text.isdigit():
        text = text.zfill(next((length for length in _LENGTHS if len(text) <= length), 0))
    return checking.gtin(text, field)


def choice(cell: Any, field: str, values: list[str]) -> str:
    """One of the values; "" where nothing stands. Small letters, and spaces for underscores, are the same."""
    text = "_".join(as_text(cell).lower().replace("-", " ").replace("_", " ").split())
    if text and text not in values:
        raise Invalid(_("“%(text)s” is none of: %(values)s") % {"text": as_text(cell)[:40], "values": ", ".join(values)}, field=field)
    return text


def price(cell: Any, field: str, currency: str) -> int | None:
    """Minor units; None where nothing stands. Raises Invalid for what could be read in two ways."""
    if _is_date(cell):
        raise Invalid(_("the spreadsheet program made a date of the price; format the column as a number and enter it anew"), field=field)
    text = as_text(cell)
    if not text:
        return None
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    # Sums of binary fractions end in noise: 64.90000000000001.
    amount = Decimal(repr(round(cell, 6))) if is_number else _amount(text, field, currency)
    places = money.digits(currency)
    try:
        minor = money.to_minor(amount, currency)
    except (InvalidOperation, ValueError, OverflowError):
        raise Invalid(_("“%(text)s” is no price") % {"text": text[:40]}, field=field) from None
    if money.to_decimal(minor, currency) != amount:
        raise Invalid(
            _("“%(text)s” has more decimal places than %(currency)s, which has %(places)s")
            % {"text": text[:40], "currency": currency, "places": places},
            field=field,
        )
    return checking.amount(minor, field)


def _amount(text: str, field: str, currency: str) -> Decimal:
    bare = text.removeprefix("R$").removeprefix(currency).removesuffix(currency).strip()
    found = _NUMBER.fullmatch(bare)
    if not found or found["sign"] == found["point"] is not None:
        raise Invalid(_("“%(text)s” is no price; write it as 64.90 or 64,90") % {"text": text[:40]}, field=field)
    whole, sign, point, part = found["whole"], found["sign"], found["point"], found["part"] or ""
    if point and not sign and len(part) == 3:
        return _three(text, field, currency, parts=(whole, point, part))
    if sign in (".", ",") and not point and whole.count(sign) == 1:
        return _three(text, field, currency, parts=whole.partition(sign))
    digits = re.sub(r"[^0-9]", "", whole)
    return Decimal(f"{digits}.{part}" if part else digits)


def _three(text: str, field: str, currency: str, *, parts: tuple[str, str, str]) -> Decimal:
    """One sign and three digits behind it: thousands, or decimal places? The currency decides where it can."""
    whole, point, part = parts
    places = money.digits(currency)
    as_decimal, as_thousands = Decimal(f"{whole}.{part}"), Decimal(f"{whole}{part}")
    if whole.startswith("0") or len(whole) > 3 or (places == 3 and point == "."):
        return as_decimal
    if places == 0:
        return as_thousands
    both = {"text": text[:40], "small": f"{as_decimal:.{places}f}", "large": f"{as_thousands:.{places}f}"}
    raise Invalid(_("“%(text)s” can be read as %(small)s or as %(large)s; write it with its decimal places") % both, field=field)
