from datetime import datetime
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from audit import queries, registry
from audit.actors import ActorKind

_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class FilterForm(forms.Form):
    """What the audit page is narrowed to. All of it stands in the address, so that it can be sent to a colleague."""

    action = forms.ChoiceField(label=_("Action"), required=False)
    actor = forms.CharField(label=_("Who"), required=False, widget=forms.Select)
    entity = forms.ChoiceField(label=_("On what kind"), required=False)
    entity_id = forms.CharField(label=_("Its id"), required=False, max_length=100)
    since = forms.DateTimeField(label=_("From"), required=False, widget=_MOMENT)
    until = forms.DateTimeField(label=_("Until"), required=False, widget=_MOMENT)
    request_id = forms.CharField(label=_("Request"), required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        kinds = sorted(set(queries.entity_types()) | set(registry.entity_types()))
        self.actors = queries.actors()
        self.fields["action"].choices = [("", _("any")), *((value, f"{value}: {label}") for value, label in registry.choices())]  # type: ignore[attr-defined]
        self.fields["entity"].choices = [("", _("any")), *((kind, registry.entity_label(kind)) for kind in kinds)]  # type: ignore[attr-defined]
        self.fields["actor"].widget.choices = self._actor_choices()  # type: ignore[attr-defined]
        for name in ("action", "entity"):
            self._keep_shown(name)

    def _keep_shown(self, name: str) -> None:
        """A select would drop a value that it does not offer; the person shall see what is wrong."""
        field: Any = self.fields[name]
        wanted = self.data.get(name, "")
        if wanted not in {value for value, _label in field.choices}:
            field.widget.choices = [*field.choices, (wanted, wanted)]

    def title(self, name: str) -> str:
        return str(self.fields[name].label)

    def _actor_choices(self) -> list[Any]:
        """Everyone of a kind, then each by name. One whom the address names and who never acted is offered too, so as to be shown."""
        choices: list[Any] = [("", _("anyone"))]
        for kind, label in ActorKind.choices:
            some = [(f"{kind}:{actor.id}", actor.label or actor.id) for actor in self.actors if actor.kind == kind]
            choices.append((label, [(kind, _("any %(kind)s") % {"kind": label}), *some]))
        wanted = self.data.get("actor", "")
        if wanted and wanted not in self._known(choices):
            choices.append((wanted, wanted.replace(":", " ", 1)))
        return choices

    @staticmethod
    def _known(choices: list[Any]) -> set[str]:
        return {value for _label, options in choices[1:] for value, _text in options}

    def clean_actor(self) -> str:
        value: str = self.cleaned_data["actor"]
        if value and value.partition(":")[0] not in ActorKind.values:
            raise forms.ValidationError(_("There is no actor “%(value)s”."), params={"value": value}, code="unknown")
        return value

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("entity_id") and not data.get("entity") and "entity" not in self.errors:
            self.add_error("entity", _("Say which kind of thing has this id."))
        if data.get("since") and data.get("until") and data["since"] >= data["until"]:
            self.add_error("until", _("The end must be later than the beginning."))
        return data

    def filters(self) -> dict[str, Any]:
        """Keyword arguments for queries.filtered(). Fields with errors are left out."""
        data = self.cleaned_data
        kind, colon, actor_id = data.get("actor", "").partition(":")
        return {
            "action": data.get("action", ""), "actor_kind": kind, "actor_id": actor_id if colon else None, "entity_type": data.get("entity", ""),
            "entity_id": data.get("entity_id", ""), "request_id": data.get("request_id", ""), "since": data.get("since"), "until": data.get("until"),
        }  # fmt: skip

    def word(self, name: str) -> str:
        """A field's value as a chip shows it."""
        value = self.cleaned_data[name]
        if name == "action":
            return registry.label(value)
        if name == "entity":
            return registry.entity_label(value)
        if name == "actor":
            kind, _colon, actor_id = value.partition(":")
            seen = next((actor.label for actor in self.actors if (actor.kind, actor.id) == (kind, actor_id)), "")
            return seen or " ".join([str(ActorKind(kind).label), actor_id]).strip()
        if isinstance(value, datetime):
            local = localtime(value)
            return f"{date_format(local, 'SHORT_DATE_FORMAT')}, {date_format(local, 'CLOCK_FORMAT')}"
        return str(value)
