from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from catalog.models import Alert


class AlertFilter(forms.Form):
    q = forms.CharField(label=_("Product"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("all")), *Alert.Status.choices])
    channel = forms.ChoiceField(label=_("By"), required=False, choices=[("", _("all")), *Alert.Channel.choices])


class AlertReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500, help_text=_("It goes into the audit log."))


class PurchaseFilter(forms.Form):
    day = forms.DateField(
        label=_("Day"),
        required=False,
        validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    household = forms.UUIDField(label=_("Household's id"), required=False)
