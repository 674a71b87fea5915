from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.forms.desk import reason_field
from billing.states import FindingKind, ProviderName

STATES = [("open", pgettext_lazy("finding", "open")), ("handled", pgettext_lazy("finding", "handled by a person")), ("closed", _("closed"))]


class FindingFilter(forms.Form):
    """What of it makes no sense is left out."""

    kind = forms.ChoiceField(required=False, choices=FindingKind.choices)
    state = forms.ChoiceField(required=False, choices=STATES)
    provider = forms.ChoiceField(required=False, choices=ProviderName.choices)

    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in ("kind", "state", "provider")}


class HandledForm(forms.Form):
    reason = reason_field(_("What was done about it"), _("It stands with the finding and in the audit log."))
