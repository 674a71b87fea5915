from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Bucket
from catalog.queries.offer import Wanted
from catalog.queries.product import categories
from catalog.queries.store import choices

ANY = ("", _("all"))


class ProductFilter(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    category = forms.CharField(label=_("Category"), required=False, max_length=60, widget=forms.Select)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["category"].widget.choices = [ANY, *((name, name) for name in categories())]  # type: ignore[attr-defined]


class OfferFilter(ProductFilter):
    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))  # fmt: skip
    store = forms.IntegerField(label=_("Store"), required=False, min_value=1, max_value=2**63 - 1, widget=forms.Select)
    bucket = forms.ChoiceField(label=_("Rank bucket"), required=False, choices=[ANY, *Bucket.choices])
    product = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["store"].widget.choices = [ANY, *choices()]  # type: ignore[attr-defined]

    def wanted(self, flags: frozenset[str]) -> Wanted:
        """What of it makes sense; the rest is left out, and said at its field."""
        self.is_valid()
        chosen = self.cleaned_data
        return Wanted(
            text=chosen.get("q") or "", store=chosen.get("store"), product=chosen.get("product"), category=chosen.get("category") or "",
            bucket=chosen.get("bucket") or "", flags=flags,
        )  # fmt: skip
