"""Amounts as people type them."""

import re
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from opsportal import money

# What a machine writes, in any language: 64.90, 64,90. One sign, and not three digits after it, which may be thousands.
PLAIN = re.compile(r"[0-9]{1,20}([.,][0-9]{1,2})?")
DIGITS = re.compile(r"[0-9.,]{1,30}")
SIGN = re.compile(r"^\s*(R\$|US\$|\$|€|£|[A-Za-z]{3}\s)\s*")


def _locale() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))


class AmountField(forms.CharField):
    """A price as the reader's language writes it, “1.234,56” in Portuguese; also “1234.56” and with a currency's sign. Gives a Decimal."""

    default_error_messages = {"invalid": _("That is no amount. For example: %(example)s.")}

    def __init__(self, **options: Any) -> None:
        box = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=30, widget=box, **options)

    def to_python(self, value: Any) -> Any:
        text = SIGN.sub("", super().to_python(value) or "").replace("\xa0", "").replace(" ", "")
        if not text:
            return None
        if PLAIN.fullmatch(text):
            return Decimal(text.replace(",", "."))
        try:
            # The parser would take “1e3” and “NaN” for numbers, too.
            return Decimal(parse_decimal(text if DIGITS.fullmatch(text) else "", locale=_locale(), strict=True))
        except NumberFormatError:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"example": typed(6490, "BRL")}) from None

    def run_validators(self, value: Any) -> None:
        """Those of texts have nothing to say of a Decimal."""


def typed(minor: int | None, currency: str) -> str:
    """An amount as a person would type it into the field."""
    if minor is None:
        return ""
    places = "0" * money.digits(currency)
    return str(format_decimal(money.to_decimal(minor, currency), format=f"0.{places}" if places else "0", locale=_locale()))


def to_minor(form: forms.Form, name: str, currency: str) -> int | None:
    """The field's amount in minor units; an error at the field for more decimals than the currency has, and for what is no price."""
    amount = form.cleaned_data.get(name)
    if amount is None:
        return None
    if not amount.is_finite() or not 0 < amount < 10**13:
        form.add_error(name, _("A price is more than 0, and no fantasy."))
        return None
    if amount != round(amount, money.digits(currency)):
        form.add_error(name, _("%(code)s has %(digits)s decimal places.") % {"code": currency, "digits": money.digits(currency)})
        return None
    return money.to_minor(amount, currency)
