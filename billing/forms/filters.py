from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Plan
from billing.queries.checkout import Wanted
from billing.queries.searching import LONGEST
from billing.states import CheckoutState, ProviderName

ANY = ("", _("all"))


class CheckoutFilter(forms.Form):
    q = forms.CharField(
        label=_("Search"), required=False, max_length=LONGEST, widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=_("A whole id of a checkout, payment, session, subscription or event, a customer's key, an email, or an amount like 29,90."),
    )  # fmt: skip
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ANY, *CheckoutState.choices])
    provider = forms.ChoiceField(label=_("Provider"), required=False, choices=[ANY, *ProviderName.choices])
    plan = forms.CharField(label=_("Plan"), required=False, max_length=60, widget=forms.Select)
    findings = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.plans = list(Plan.objects.order_by("-is_offered", "rank", "key").values_list("key", "name")[:100])
        self.fields["plan"].widget.choices = [ANY, *self.plans]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """What of it makes sense; the rest is left out, and said at its field."""
        self.is_valid()
        chosen = self.cleaned_data
        return Wanted(
            text=chosen.get("q") or "", state=chosen.get("state") or "", provider=chosen.get("provider") or "", plan=chosen.get("plan") or "",
            has_findings=chosen.get("findings") == "1",
        )  # fmt: skip
