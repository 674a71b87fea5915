from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.actions.plan import MOST_DAYS, MOST_RANK
from billing.models import Plan
from opsportal.amounts import AmountField, to_minor, typed

_NUMBER = {"class": "input--num"}
_CODE = {"class": "input--code"}


class PlanForm(forms.Form):
    """What create_plan() and change_plan() take; `version` is the one that was seen."""

    key = forms.CharField(
        label=_("Key at the product"), max_length=60, help_text=_("The product knows the plan by it, and it stays: small letters, digits, hyphens.")
    )
    name = forms.CharField(label=_("Name"), max_length=100)
    amount = AmountField(label=_("Price"))
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Three letters: BRL."), widget=forms.TextInput(attrs=_CODE))
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=MOST_DAYS, widget=forms.NumberInput(attrs=_NUMBER), help_text=_("How long one payment lasts. A subscription's invoice says so itself."))  # fmt: skip
    rank = forms.IntegerField(label=pgettext_lazy("plan", "Rank"), min_value=0, max_value=MOST_RANK, widget=forms.NumberInput(attrs=_NUMBER), help_text=_("Of several plans of a customer, the one with the highest rank counts."))  # fmt: skip
    is_offered = forms.BooleanField(label=_("Offered"), required=False, help_text=_("Who has it keeps it, also when it is not offered any more."))
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, help_text=_("It goes into the audit log."))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    @classmethod
    def new(cls) -> "PlanForm":
        return cls(initial={"currency": "BRL", "days": 30, "rank": 1, "is_offered": True})

    @classmethod
    def of(cls, plan: Plan, data: Any = None) -> "PlanForm":
        same = {name: getattr(plan, name) for name in ("name", "currency", "days", "rank", "is_offered", "version")}
        form = cls(data, initial=same | {"amount": typed(plan.amount, plan.currency)})
        # The key stays.
        del form.fields["key"]
        return form

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        """`amount` in minor units."""
        cleaned = super().clean() or self.cleaned_data
        if "currency" in cleaned and cleaned.get("amount") is not None:
            cleaned["amount"] = to_minor(self, "amount", cleaned["currency"])
        return cleaned

    def wanted(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}
