"""The three things that are said of an offer and that a person can override: price, list price, availability."""

from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Availability, Override
from opsportal import money

Field = Override.Field
# A number of minor units, or an availability; None where there is none.
Value = int | str | None


def value_of(override: Override) -> Value:
    """What the override says."""
    return override.availability if override.field == Field.AVAILABILITY else override.amount


def tracked_then(override: Override) -> Value:
    """What was tracked when the override was made."""
    return override.tracked_availability if override.field == Field.AVAILABILITY else override.tracked_amount


def columns(field: str, value: Value, *, prefix: str = "") -> dict[str, Any]:
    """The override's column that holds this field's value."""
    return {f"{prefix}availability" if field == Field.AVAILABILITY else f"{prefix}amount": value}


def in_words(field: str, value: Value, currency: str) -> str:
    """As people read it, in their language."""
    if isinstance(value, str):
        return str(dict(Availability.choices).get(value, value))
    if value is None:
        return _("no list price") if field == Field.LIST_PRICE else _("not known")
    return money.in_words(value, currency)


def said(value: Value, currency: str) -> str | None:
    """As the audit log keeps it, whatever the reader's language: “64.90 BRL”."""
    return f"{money.to_decimal(value, currency)} {currency}" if isinstance(value, int) else value
