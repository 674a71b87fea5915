from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import date as date_filter
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opsportal import clock
from switches.actions import LONGEST_REASON

MORNING = time(9)
WHEN = "%Y-%m-%dT%H:%M"


def tomorrow_morning() -> datetime:
    """09:00 of the team's tomorrow."""
    zone = timezone.get_default_timezone()
    return timezone.make_aware(datetime.combine(clock.today() + timedelta(days=1), MORNING), zone)


class OffForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=gettext_lazy("One sentence is enough. It goes into the audit log."),
    )  # fmt: skip
    end = forms.ChoiceField(label=gettext_lazy("Off until"), required=False, widget=forms.RadioSelect)
    until = forms.DateTimeField(
        label=gettext_lazy("At a time of your own"), required=False, input_formats=[WHEN, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WHEN), help_text=gettext_lazy("Only for “at a time”."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "off_%s"} | options)
        tomorrow = date_filter(timezone.localtime(tomorrow_morning()), "TIME_FORMAT")
        self.fields["end"].choices = [  # type: ignore[attr-defined]
            ("", _("Somebody turns it on")), ("30", _("In 30 minutes")), ("60", _("In an hour")),
            ("tomorrow", _("Tomorrow %(at)s") % {"at": tomorrow}), ("time", _("At a time")),
        ]  # fmt: skip
        self.fields["end"].initial = ""

    def clean(self) -> dict[str, Any]:
        """`until` is the moment that was chosen, or None; `end` is used up."""
        cleaned = super().clean() or {}
        end, at = cleaned.pop("end", ""), cleaned.get("until")
        if end == "time" and at is None and "until" not in self.errors:
            raise ValidationError({"until": _("Say when.")})
        # A time that was typed counts, whichever line is marked: nobody types one for nothing.
        if at is None and end:
            cleaned["until"] = tomorrow_morning() if end == "tomorrow" else clock.now() + timedelta(minutes=int(end)) if end.isdigit() else None
        return cleaned


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=gettext_lazy("One sentence is enough. It goes into the audit log."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "why_%s"} | options)


class WordsForm(forms.Form):
    description = forms.CharField(label=gettext_lazy("What it switches"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    owner = forms.CharField(label=gettext_lazy("Owner"), max_length=100, required=False, help_text=gettext_lazy("Whom to ask before turning it on."))


class AddForm(WordsForm):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, widget=forms.TextInput(attrs={"class": "mono", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=gettext_lazy("As the product asks for it: capital letters, digits and underscores, for example ENABLE_PUSH_ALERTS. It can't be changed."),
    )  # fmt: skip
    field_order = ("name", "description", "owner")
