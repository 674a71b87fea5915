from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.actions.shown import LONGEST_REASON
from catalog.fields import Field, Value
from catalog.models import Availability
from catalog.queries.override import Layer
from opsportal import clock
from opsportal.amounts import AmountField, to_minor, typed

WHEN = "%Y-%m-%dT%H:%M"
# Days, as the choices' values say them.
USUAL = "7"


class OverrideForm(forms.Form):
    """For one field of one offer. `cleaned_data` is what override_offer() takes."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One sentence is enough. It stands beside the price and in the audit log."),
    )  # fmt: skip
    evidence_url = forms.URLField(
        label=gettext_lazy("Evidence"), max_length=1000, required=False, assume_scheme="https",
        help_text=gettext_lazy("The address of a photo, a ticket, the page itself."),
    )  # fmt: skip
    end = forms.ChoiceField(label=gettext_lazy("Until"), required=False, widget=forms.RadioSelect)
    expires_at = forms.DateTimeField(
        label=gettext_lazy("At a time of your own"), required=False, input_formats=[WHEN, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WHEN), help_text=gettext_lazy("Only for “at a time”."),
    )  # fmt: skip
    field = forms.CharField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    field_order = ("value", "reason", "evidence_url", "end", "expires_at")

    def __init__(self, layer: Layer, *args: Any, **options: Any) -> None:
        held = layer.override
        known = {"field": layer.field, "seen": held.pk if held else 0, "value": layer.shown, "end": USUAL} | (options.pop("initial", None) or {})
        if not isinstance(known["value"], str):
            known["value"] = typed(known["value"], layer.offer.currency)
        options["initial"] = known
        super().__init__(*args, **{"auto_id": "override_%s"} | options)
        self.layer = layer
        self.fields["value"] = _value_field(layer)
        self.fields["end"].choices = [  # type: ignore[attr-defined]
            ("1", _("For a day")), (USUAL, _("For a week")), ("30", _("For 30 days")), ("", _("Until somebody reverts it")), ("time", _("At a time")),
        ]  # fmt: skip
        self.order_fields(self.field_order)

    def clean_field(self) -> str:
        return self.layer.field

    def clean(self) -> dict[str, Any]:
        """`expires_at` is the moment that was chosen, or None; `end` is used up."""
        cleaned = super().clean() or {}
        if self.layer.field != Field.AVAILABILITY and "value" not in self.errors:
            cleaned["value"] = to_minor(self, "value", self.layer.offer.currency)
        end, at = cleaned.pop("end", ""), cleaned.get("expires_at")
        if end == "time" and at is None and "expires_at" not in self.errors:
            raise ValidationError({"expires_at": _("Say when.")})
        # A time that was typed counts, whichever line is marked: nobody types one for nothing.
        if at is None and end.isdigit():
            cleaned["expires_at"] = clock.now() + timedelta(days=int(end))
        return cleaned

    def see(self, layer: Layer) -> None:
        """After a refusal: the person is shown what holds by now, and the next try is about that."""
        self.data = {**self.data.dict(), "seen": str(layer.override.pk if layer.override else 0)}  # type: ignore[attr-defined]


def _value_field(layer: Layer) -> forms.Field:
    if layer.field == Field.AVAILABILITY:
        return forms.ChoiceField(label=layer.label.capitalize(), choices=Availability.choices)
    currency = layer.offer.currency
    label = _("%(field)s in %(currency)s") % {"field": layer.label.capitalize(), "currency": currency}
    if layer.field == Field.LIST_PRICE:
        return AmountField(label=label, required=False, help_text=_("Leave it empty to say that there is no list price."))
    return AmountField(label=label)


def prefilled(layer: Layer, value: str, evidence: str) -> dict[str, Value]:
    """What a link that leads here proposes: a number of minor units or an availability, and where it was seen."""
    found: dict[str, Value] = {}
    if layer.field == Field.AVAILABILITY and value in Availability.values:
        found["value"] = value
    elif layer.field != Field.AVAILABILITY and value.isascii() and value.isdigit() and len(value) <= 15:
        found["value"] = int(value)
    if evidence.startswith(("http://", "https://")):
        found["evidence_url"] = evidence[:1000]
    return found
