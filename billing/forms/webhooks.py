from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.effects import EffectKind
from billing.queries.event import OWED, WITHOUT_EFFECT, Wanted
from billing.states import EventState, ProviderName

ANY = ("", _("all"))
STATES = [ANY, (OWED, _("under way")), *EventState.choices]
EFFECTS = [ANY, (WITHOUT_EFFECT, _("200 without effect")), *EffectKind.choices]


class EventFilter(forms.Form):
    q = forms.CharField(label=_("Any id"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"}))  # fmt: skip
    provider = forms.ChoiceField(label=_("Provider"), required=False, choices=[ANY, *ProviderName.choices])
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    effect = forms.ChoiceField(label=_("Effect"), required=False, choices=EFFECTS)
    type = forms.CharField(label=_("Type"), required=False, max_length=100, widget=forms.TextInput(attrs={"list": "event-types"}))
    before = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def wanted(self) -> Wanted:
        """What of it makes sense; the rest is left out, and said at its field."""
        self.is_valid()
        chosen: dict[str, Any] = self.cleaned_data
        return Wanted(
            provider=chosen.get("provider") or "", state=chosen.get("state") or "", effect=chosen.get("effect") or "",
            event_type=chosen.get("type") or "", text=(chosen.get("q") or "").strip(), before=chosen.get("before"),
        )  # fmt: skip

    def in_words(self) -> list[tuple[str, str]]:
        """What it is narrowed to, as (label, value)."""
        chosen = [(self[name], self.fields[name], value) for name, value in self.cleaned_data.items() if value]
        return [(str(bound.label), str(dict(getattr(field, "choices", ())).get(value, value))) for bound, field, value in chosen]


class ReplayForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class HandleForm(forms.Form):
    note = forms.CharField(
        label=_("How it was dealt with"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("It stays with the event, and goes into the audit log.")
    )  # fmt: skip
