from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Profile
from catalog.queries.product import categories
from catalog.queries.store import choices
from opsportal import money
from opsportal.amounts import AmountField, to_minor, typed


class WishesForm(forms.Form):
    """What a household wants to see. Nothing chosen, nothing typed: no limit."""

    categories = forms.MultipleChoiceField(label=_("Categories"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: all of them."))  # fmt: skip
    excluded_stores = forms.TypedMultipleChoiceField(
        label=_("Stores it does not want"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    max_price = AmountField(label=_("Highest price"), required=False, help_text=_("Empty: any price."))
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        widget=forms.TextInput(attrs={"class": "input--num"}),
        help_text=_("Three letters: BRL. Offers in others are not shown."),
    )
    min_saving = forms.IntegerField(label=_("Least saving in per cent"), required=False, min_value=1, max_value=99, widget=forms.NumberInput(attrs={"class": "input--num"}), help_text=_("Under the 90-day median. Empty: any."))  # fmt: skip
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500, help_text=_("For example: agreed with the household by mail."))

    def __init__(self, profile: Profile, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # What the profile holds stays to be chosen, also when no product has it any more.
        known = sorted({*categories(), *profile.categories, *self.initial.get("categories", ())})
        self.fields["categories"].choices = [(name, name) for name in known]  # type: ignore[attr-defined]
        self.fields["excluded_stores"].choices = choices(profile.excluded_stores)  # type: ignore[attr-defined]

    @classmethod
    def of(cls, profile: Profile, changed: dict[str, Any]) -> "WishesForm":
        """As the profile is, with some wishes changed: those of a suggestion."""
        held = {name: changed.get(name, getattr(profile, name)) for name in ("categories", "excluded_stores", "max_price", "currency", "min_saving")}
        return cls(profile, initial=held | {"max_price": typed(held["max_price"], held["currency"])})

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if not money.known(currency):
            raise forms.ValidationError(_("That is no currency. For example: BRL."))
        return currency

    def wishes(self) -> dict[str, Any]:
        """What change_wishes() takes; {} where an amount makes no sense, which is said at its field."""
        currency = self.cleaned_data["currency"]
        amount = to_minor(self, "max_price", currency)
        return {} if self.errors else self.cleaned_data | {"max_price": amount}
