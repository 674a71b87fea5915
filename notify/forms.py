from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notify import channels
from notify.actions.destination import LONGEST_ADDRESS, MOST_OVERLAP_HOURS, OVERLAP_HOURS
from notify.models import Destination, State

_REASON = forms.Textarea(attrs={"rows": 3})


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=_REASON, help_text=_("One sentence is enough. It goes into the audit log."))


class FilterForm(forms.Form):
    """What the outbox is narrowed to."""

    q = forms.CharField(label=_("Id or key"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(required=False, choices=[("", ""), *State.choices], widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    destination = forms.ChoiceField(label=_("Destination"), required=False)
    topic = forms.CharField(label=_("Topic"), required=False, max_length=60)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        names = Destination.objects.order_by("name").values_list("name", flat=True)[:200]
        self.fields["channel"].choices = [("", _("any")), *channels.choices()]  # type: ignore[attr-defined]
        self.fields["destination"].choices = [("", _("any")), *((name, name) for name in names)]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """What is set and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value and "\x00" not in value}

    def lost(self, used: Iterable[str]) -> str:
        """The first filter, as name=value, that is set and not among those that are used; "" where there is none."""
        found = (f"{name}={value[:60]}" for name, value in self.data.items() if value and name not in used)
        return next(found, "").replace("\x00", "\ufffd")


class DestinationForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Small letters, digits and hyphens. Code calls it by this name; it never changes.")
    )
    channel = forms.ChoiceField(label=_("Channel"))
    address = forms.CharField(label=_("Address"), max_length=LONGEST_ADDRESS)
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, widget=_REASON)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["channel"].choices = [(channel.name, channel.label) for channel in channels.for_destinations()]  # type: ignore[attr-defined]
        self.fields["address"].help_text = " ".join(f"{each.label}: {each.help_text}" for each in channels.for_destinations())


class AddressForm(forms.Form):
    address = forms.CharField(label=_("Address"), max_length=LONGEST_ADDRESS)
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class RotateForm(forms.Form):
    overlap_hours = forms.IntegerField(
        label=_("Hours until the first secret ends"), min_value=1, max_value=MOST_OVERLAP_HOURS, initial=OVERLAP_HOURS,
        widget=forms.NumberInput(attrs={"class": "input--num"}),
    )  # fmt: skip
