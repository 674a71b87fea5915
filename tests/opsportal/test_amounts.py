"""Amounts as people type them, in the language they read."""

from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from opsportal.amounts import AmountField, to_minor, typed


class Form(forms.Form):
    price = AmountField(required=False)


def amount(text: str, language: str) -> Decimal | None:
    with translation.override(language):
        form = Form({"price": text})
        assert form.is_valid(), form.errors
        found: Decimal | None = form.cleaned_data["price"]
        return found


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1.234,56", "pt-br", "1234.56"), ("1.234", "pt-br", "1234"), ("64,90", "pt-br", "64.90"), ("64.90", "pt-br", "64.90"), ("R$ 64,9", "pt-br", "64.9"),
        ("1,234.56", "en", "1234.56"), ("1,234", "en", "1234"), ("64.90", "en", "64.90"), ("64,90", "en", "64.90"), ("BRL 64.90", "en", "64.90"),
        ("1234567.89", "pt-br", "1234567.89"), ("R$\xa01.234,56", "pt-br", "1234.56"), ("100", "en", "100"),
    ],
)  # fmt: skip
def test_amount_is_read_as_it_is_written(text: str, language: str, value: str) -> None:
    assert amount(text, language) == Decimal(value)


def test_no_amount_is_none() -> None:
    assert amount("  ", "en") is None


@pytest.mark.parametrize("text", ["cheap", "1.2.3", "1,23,4", "12 000 000 a", "NaN", "Infinity", "1e3", "-5", "9" * 31])
@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_what_is_no_amount_is_refused(text: str, language: str) -> None:
    with translation.override(language):
        assert list(Form({"price": text}).errors) == ["price"]


@pytest.mark.parametrize(("text", "currency", "minor"), [("64.90", "BRL", 6490), ("500", "JPY", 500), ("1.5", "KWD", 1500)])
def test_amount_becomes_minor_units_of_its_currency(text: str, currency: str, minor: int) -> None:
    form = Form({"price": text})
    assert (form.is_valid(), to_minor(form, "price", currency)) == (True, minor)


@pytest.mark.parametrize(("text", "currency"), [("1.50", "JPY"), ("0", "BRL"), ("9" * 14, "BRL")])
def test_amount_that_the_currency_has_not_is_refused(text: str, currency: str) -> None:
    form = Form({"price": text})
    assert form.is_valid()
    assert (to_minor(form, "price", currency), list(form.errors)) == (None, ["price"])


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"), [(123456, "BRL", "pt-br", "1234,56"), (123456, "BRL", "en", "1234.56"), (500, "JPY", "en", "500")]
)
def test_typed_amount_is_read_back(minor: int, currency: str, language: str, text: str) -> None:
    with translation.override(language):
        assert typed(minor, currency) == text
        form = Form({"price": text})
        assert (form.is_valid(), to_minor(form, "price", currency)) == (True, minor)


def test_nothing_is_typed_for_no_amount() -> None:
    assert typed(None, "BRL") == ""
