from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import checking
from catalog.forms.editing import EditForm
from catalog.models import Availability, Offer, Product, Store
from catalog.queries.store import choices
from opsportal.amounts import AmountField, to_minor, typed
from opsportal.errors import Invalid


class OfferForm(EditForm):
    compared = ("product", "store", "url", "sku", "title", "currency", "price", "list_price", "availability")

    product = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**63 - 1)
    store = forms.TypedChoiceField(label=_("Store"), coerce=int)
    url = forms.CharField(label=_("Address of the page"), max_length=1000, widget=forms.URLInput, help_text=_("Where households buy it, and where its price is read."))  # fmt: skip
    title = forms.CharField(label=_("Title at the store"), max_length=300, required=False, help_text=_("Empty: the product's name."))
    sku = forms.CharField(label=_("Number at the store"), max_length=100, required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, widget=forms.TextInput(attrs={"class": "input--code"}))
    price = AmountField(label=_("Price"), required=False)
    list_price = AmountField(label=_("List price"), required=False, help_text=_("The crossed-out one, where the page shows one."))
    availability = forms.ChoiceField(label=_("Availability"), choices=Availability.choices)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["store"].choices = choices([self.data.get("store") or self.initial.get("store")])  # type: ignore[attr-defined]

    @classmethod
    def new(cls, product: Product, store: Store | None) -> "OfferForm":
        return cls(initial={"product": product.pk, "store": store.pk if store else None, "currency": store.currency if store else "BRL"})

    @classmethod
    def of(cls, offer: Offer, moved: Product | None = None) -> "OfferForm":
        """`moved`: the product that it is to be an offer of."""
        plain = {name: getattr(offer, name) for name in ("url", "sku", "title", "currency", "availability", "version")}
        prices = {name: typed(getattr(offer, name), offer.currency) for name in ("price", "list_price")}
        return cls(initial={**plain, **prices, "product": (moved or offer.product).pk, "store": offer.store_id})

    def clean(self) -> dict[str, Any]:
        """Amounts become minor units, once their currency is known."""
        cleaned = super().clean() or self.cleaned_data
        try:
            code = cleaned["currency"] = checking.currency(cleaned.get("currency", ""))
        except Invalid as error:
            if "currency" not in self.errors:
                self.add_error("currency", str(error))
            return cleaned
        for name in ("price", "list_price"):
            if name in cleaned:
                cleaned[name] = to_minor(self, name, code)
        return cleaned

    def wanted(self) -> dict[str, Any]:
        wanted = super().wanted()
        return wanted | {"product_id": wanted.pop("product"), "store_id": wanted.pop("store")}
