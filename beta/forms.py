from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from beta.actions.invite import MOST_AT_ONCE, MOST_DAYS, MOST_USES
from beta.actions.program import FIRST_YEAR, LAST_YEAR, MOST_SEATS
from beta.actions.program import MOST_DAYS as LONGEST
from beta.models import Household, Program
from beta.queries.invite import STATES
from beta.refusals import REFUSALS


class ReasonForm(forms.Form):
    """Why. `required` by default; a dangerous act that only tightens may ask afterwards."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("One sentence is enough. It goes into the audit log."))  # fmt: skip

    def __init__(self, *args: Any, required: bool = True, label: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = required
        self.fields["reason"].label = label or self.fields["reason"].label


class CapForm(forms.Form):
    cap = forms.IntegerField(label=_("Cap"), min_value=1, max_value=MOST_SEATS, widget=forms.NumberInput(attrs={"class": "input--num"}))
    reason = forms.CharField(label=_("Reason"), max_length=500)


# A slip of the year must not put the last day where dates end: every page counts the program's days.
EARLIEST, LATEST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)


class ProgramForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    starts_on = forms.DateField(
        label=_("First day"), required=False, validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST)], widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=LONGEST, widget=forms.NumberInput(attrs={"class": "input--num"}))
    invite_only = forms.BooleanField(label=_("Only invited households may join"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=500)

    @classmethod
    def of(cls, program: Program) -> "ProgramForm":
        names = ("name", "starts_on", "days", "invite_only")
        return cls(initial={name: getattr(program, name) for name in names})


class InviteForm(forms.Form):
    count = forms.IntegerField(
        label=_("How many codes"), min_value=1, max_value=MOST_AT_ONCE, initial=10, widget=forms.NumberInput(attrs={"class": "input--num"})
    )
    uses = forms.IntegerField(
        label=_("Households per code"), min_value=1, max_value=MOST_USES, initial=1, widget=forms.NumberInput(attrs={"class": "input--num"})
    )
    days = forms.IntegerField(label=_("Good for days"), min_value=1, max_value=MOST_DAYS, initial=7, required=False, help_text=_("Empty: until revoked."), widget=forms.NumberInput(attrs={"class": "input--num"}))  # fmt: skip
    batch = forms.CharField(label=_("Name of the batch"), max_length=60, required=False, help_text=_("For example: Friends & family."))
    code = forms.CharField(
        label=_("A code of your own"), max_length=40, required=False, help_text=_("For one code only. Empty: the portal makes them up.")
    )


class InviteFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *STATES.items()])
    batch = forms.CharField(label=_("Batch"), required=False, max_length=60)


class HouseholdFilter(forms.Form):
    q = forms.CharField(label=_("Name, key, email or invite"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("all")), *Household.Status.choices])


class RefusalFilter(forms.Form):
    code = forms.ChoiceField(label=_("Reason"), required=False, choices=[("", _("all")), *((code, words[2]) for code, words in REFUSALS.items())])
