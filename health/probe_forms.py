from decimal import Decimal
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from health.models import Probe, ProbeStep
from health.models.probe import MOST_STEPS
from health.probing.checking import Terms
from health.probing.expecting import Step
from health.probing.planning import KEPT
from opsportal.errors import Invalid


class ProbeForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What is looked at, for example “Front page”."))
    every_minutes = forms.IntegerField(label=_("Every so many minutes"), min_value=1, max_value=1440)
    time_limit = forms.IntegerField(label=_("Time limit, seconds"), min_value=1, max_value=30, help_text=_("For all steps together. What takes longer has failed."))  # fmt: skip
    good_seconds = forms.DecimalField(label=_("Good load time, seconds"), min_value=Decimal("0.01"), max_value=30, decimal_places=2, help_text=_("What takes longer is shown as slow. It is no failure."))  # fmt: skip
    down_after = forms.IntegerField(label=_("Down after so many failures in a row"), min_value=1, max_value=10)
    watches_feed = forms.BooleanField(label=_("It watches the product's feed"), required=False, help_text=_("Its load time stands on the morning review and on Today. One probe does; this one takes it over."))  # fmt: skip
    description = forms.CharField(label=_("What to do when it is down"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, help_text=_("It goes into the audit log."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("every_minutes", "time_limit", "good_seconds", "down_after"):
            self.fields[name].widget.attrs["class"] = "input--num"

    @classmethod
    def of(cls, probe: Probe) -> "ProbeForm":
        names = ("name", "every_minutes", "time_limit", "down_after", "watches_feed", "description")
        return cls(initial={name: getattr(probe, name) for name in names} | {"good_seconds": Decimal(probe.good_ms) / 1000})

    @classmethod
    def new(cls) -> "ProbeForm":
        return cls(initial={"every_minutes": 5, "time_limit": 10, "good_seconds": Decimal(2), "down_after": 2})

    def terms(self) -> Terms:
        names = ("name", "description", "every_minutes", "time_limit", "down_after", "watches_feed")
        return Terms(**{name: self.cleaned_data[name] for name in names}, good_ms=int(self.cleaned_data["good_seconds"] * 1000))


class StepForm(forms.Form):
    method = forms.ChoiceField(label=_("Method"), choices=[(name, name) for name in ProbeStep.Method.values], initial="GET")
    url = forms.CharField(label=_("Address"), max_length=2000, required=False)
    statuses = forms.CharField(label=_("Expected status"), max_length=100, initial="200-299", required=False)
    contains = forms.CharField(label=_("Expected text"), max_length=500, required=False)
    json_path = forms.CharField(label=_("JSON path"), max_length=200, required=False)
    json_value = forms.CharField(label=_("JSON value"), max_length=500, required=False)
    headers = forms.CharField(label=_("Headers"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["url"].widget.attrs |= {"class": "mono", "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        self.fields["headers"].widget.attrs |= {"class": "mono", "autocomplete": "off", "spellcheck": "false"}
        self.fields["headers"].help_text = gettext("One a line, for example Authorization: Bearer …. Values are kept encrypted and never shown again; %(kept)s keeps what was there.") % {"kept": KEPT}  # fmt: skip
        self.fields["json_path"].help_text = _("Names with dots between: checks.database.status")
        self.fields["statuses"].help_text = _("200, a list like 200, 204, or a range like 200-299")

    def clean_headers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in filter(None, (line.strip() for line in self.cleaned_data["headers"].splitlines())):
            name, colon, value = line.partition(":")
            if not colon or name.strip() in found:
                raise forms.ValidationError(_("One header a line, each once: Name: value"))
            found[name.strip()] = value.strip()
        return found

    def step(self) -> Step:
        values = self.cleaned_data
        return Step(values["method"], values["url"], values["statuses"] or "200-299", values["contains"], values["json_path"], values["json_value"], values["headers"])  # fmt: skip


class Steps(BaseFormSet):  # type: ignore[type-arg]
    """Steps in their order. One whose address is empty is left out."""

    def add_fields(self, form: StepForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["url"].required = self.total_form_count() == 1

    def clean(self) -> None:
        if not self.forms:
            raise forms.ValidationError(_("A probe has at least one step."))
        if not any(self.errors) and not self.filled():
            self.forms[0].add_error("url", _("Type the address to look at."))

    def filled(self) -> list[StepForm]:
        return [form for form in self.forms if form.cleaned_data.get("url")]

    def steps(self) -> list[Step]:
        return [form.step() for form in self.filled()]

    def refuse(self, error: Invalid) -> None:
        """Put the action's refusal where it belongs."""
        form = self.filled()[int(error.facts.get("step", 1)) - 1]
        form.add_error(error.field if error.field in form.fields else None, str(error))


_StepSet = forms.formset_factory(StepForm, formset=Steps, extra=0, min_num=1, max_num=MOST_STEPS, absolute_max=MOST_STEPS)
PREFIX = "steps"


def new_steps() -> Steps:
    return _StepSet(prefix=PREFIX)  # type: ignore[return-value]


def steps_of(probe: Probe) -> Steps:
    return _StepSet(prefix=PREFIX, initial=[_initial(step) for step in probe.steps.order_by("position")])  # type: ignore[return-value]


def typed_steps(data: Any, *, one_more: bool = False) -> Steps:
    if one_more:
        data = data.copy()
        total = data.get(f"{PREFIX}-TOTAL_FORMS", "")
        data[f"{PREFIX}-TOTAL_FORMS"] = str(min(int(total) + 1, MOST_STEPS)) if total.isascii() and total.isdigit() and len(total) < 4 else "1"
    return _StepSet(data, prefix=PREFIX)  # type: ignore[return-value]


def _initial(step: ProbeStep) -> dict[str, str]:
    names = ("method", "url", "statuses", "contains", "json_path", "json_value")
    return {name: getattr(step, name) for name in names} | {"headers": "\n".join(f"{name}: {KEPT}" for name in step.header_names)}
