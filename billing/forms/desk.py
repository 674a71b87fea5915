"""What a person says on a checkout's page."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Plan
from opsportal import clock

LONGEST = 500
USUAL_DAYS = 30
REASON, REASON_HINT = gettext_lazy("Reason"), gettext_lazy("One sentence is enough. It goes into the audit log.")


def reason_field(label: Any = REASON, hint: Any = REASON_HINT) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}), help_text=hint)


class ReconcileForm(forms.Form):
    """`digest`: of the snapshot that the person sees."""

    reason = reason_field()
    digest = forms.CharField(max_length=400, widget=forms.HiddenInput)

    def see(self, digest: str) -> None:
        """After a refusal: the next try is about what is shown now."""
        self.data = {**self.data.dict(), "digest": digest}  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    reason = reason_field(gettext_lazy("What was done about it"), gettext_lazy("It stands on the checkout's page and in the audit log."))


class EndForm(forms.Form):
    reason = reason_field()


class GrantForm(forms.Form):
    plan = forms.ChoiceField(label=gettext_lazy("Plan"))
    until = forms.DateField(
        label=gettext_lazy("Until"), widget=forms.DateInput(attrs={"type": "date"}), input_formats=["%Y-%m-%d"],
        help_text=gettext_lazy("To the end of that day. A plan that is given by hand always has an end."),
    )  # fmt: skip
    reason = reason_field()

    def __init__(self, *args: Any, **options: Any) -> None:
        day = clock.today() + timedelta(days=USUAL_DAYS)
        super().__init__(*args, **{**options, "initial": {"until": day.isoformat()} | (options.get("initial") or {})})
        plans = Plan.objects.filter(is_offered=True).order_by("rank", "key").values_list("key", "name")[:100]
        self.fields["plan"].choices = list(plans)  # type: ignore[attr-defined]

    def clean_until(self) -> datetime:
        """The first moment after that day, in the team's zone."""
        day = self.cleaned_data["until"]
        if day < clock.today():
            raise ValidationError(_("That day is over."))
        return clock.end_of_today() + timedelta(days=(day - clock.today()).days)
