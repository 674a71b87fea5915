from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.forms.editing import EditForm
from catalog.models import Product
from catalog.queries.product import categories


class ProductForm(EditForm):
    compared = ("name", "brand", "category", "gtin", "image_url")

    name = forms.CharField(label=_("Name"), max_length=200)
    brand = forms.CharField(label=_("Brand"), max_length=100, required=False)
    category = forms.CharField(label=_("Category"), max_length=60, required=False, help_text=_("Households choose by it. Write it as the others do."))
    gtin = forms.CharField(label=_("GTIN (EAN)"), max_length=20, required=False, help_text=_("The number under the bar code: 8, 12, 13 or 14 digits."), widget=forms.TextInput(attrs={"inputmode": "numeric"}))  # fmt: skip
    image_url = forms.CharField(label=_("Picture"), max_length=500, required=False, help_text=_("A web address."), widget=forms.URLInput)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["category"].widget.attrs["list"] = "categories"

    @classmethod
    def of(cls, product: Product) -> "ProductForm":
        return cls(initial={name: getattr(product, name) or "" for name in cls.compared} | {"version": product.version})

    def suggestions(self) -> list[str]:
        return categories()
