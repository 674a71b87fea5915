from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from beta.actions.support import LONGEST_NOTE
from beta.models import SupportMessage
from beta.queries.support import household_named

STATES = ("open", "mine", "answered", "all")
KINDS = {
    SupportMessage.Kind.QUESTION: gettext_lazy("Questions"), SupportMessage.Kind.COMPLAINT: gettext_lazy("Complaints"),
    SupportMessage.Kind.BUG: gettext_lazy("Bugs"), SupportMessage.Kind.PRAISE: gettext_lazy("Praise"),
}  # fmt: skip


class SupportFilter(forms.Form):
    """What of it makes no sense is left out."""

    q = forms.CharField(label=gettext_lazy("Words, contact or household"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))  # fmt: skip
    kind = forms.ChoiceField(required=False, choices=SupportMessage.Kind.choices, widget=forms.HiddenInput)
    state = forms.ChoiceField(required=False, choices=[(state, state) for state in STATES], widget=forms.HiddenInput)

    def wanted(self) -> dict[str, str]:
        self.is_valid()
        chosen = {name: self.cleaned_data.get(name) or "" for name in ("q", "kind", "state")}
        return chosen | {"state": chosen["state"] or "open"}


class AnswerForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("What was answered"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Answer where they wrote; nothing is sent from here. The note stays with the message."),
    )  # fmt: skip


class AssignForm(forms.Form):
    """`was`: who had it when the page was shown."""

    person = forms.TypedChoiceField(label=gettext_lazy("Who answers it"), required=False, coerce=int, empty_value=None)
    was = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, people: list[Person], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("nobody yet")), *((person.pk, str(person)) for person in people)]


class KindForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=SupportMessage.Kind.choices)


class LinkForm(forms.Form):
    """Gives the household itself; None for no household's."""

    household = forms.CharField(
        label=gettext_lazy("Household"), required=False, max_length=200, help_text=gettext_lazy("Its key, email or id. Empty: no household's.")
    )

    def clean_household(self) -> Any:
        text = self.cleaned_data["household"]
        if not text:
            return None
        found = household_named(text)
        if not found:
            raise forms.ValidationError(_("There is no household with this key, email or id."))
        if found[1:]:
            raise forms.ValidationError(_("Several households have this address. Write the key of the one you mean."))
        return found[0].pk
