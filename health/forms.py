from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from health.models import Ping

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
UNIT_WORDS = [("m", _("minutes")), ("h", _("hours")), ("d", _("days"))]


class SpanWidget(forms.MultiWidget):
    """A number and its unit, side by side."""

    template_name = "health/span.html"

    def __init__(self) -> None:
        number = forms.NumberInput(attrs={"class": "input input--num", "min": 1, "aria-label": pgettext_lazy("span of time", "Number")})
        unit = forms.Select(attrs={"class": "input", "aria-label": _("Unit")}, choices=UNIT_WORDS)
        super().__init__({"number": number, "unit": unit})

    def decompress(self, value: timedelta | None) -> list[Any]:
        if not value:
            return [None, "h"]
        unit = next((name for name in ("d", "h", "m") if value % UNITS[name] == timedelta()), "m")
        return [value // UNITS[unit], unit]


class SpanField(forms.MultiValueField):
    """A span of whole minutes, hours or days, as a timedelta."""

    widget = SpanWidget

    def __init__(self, **options: Any) -> None:
        number = forms.IntegerField(min_value=1, max_value=600_000)
        super().__init__((number, forms.ChoiceField(choices=UNIT_WORDS)), require_all_fields=False, **options)

    def compress(self, data_list: list[Any]) -> timedelta | None:
        number, unit = [*data_list, None, None][:2]
        return UNITS[unit] * number if number and unit else None


class PingForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What runs, for example “Nightly backup, db-1”."))
    slug = forms.CharField(label=_("Slug"), max_length=100, required=False, help_text=_("For addresses with a ping key: small letters, digits, hyphens, underscores."))  # fmt: skip
    how = forms.ChoiceField(label=_("Expected"), choices=[("every", _("at least once per period")), ("cron", _("at the times of a cron expression"))], widget=forms.RadioSelect, initial="every")  # fmt: skip
    every = SpanField(label=_("Period"), required=False)
    cron = forms.CharField(label=_("Cron expression"), max_length=100, required=False, help_text=_("Five fields: minute, hour, day of the month, month, day of the week. For example 0 3 * * *."))  # fmt: skip
    time_zone = forms.ChoiceField(label=_("Zone of the expression"), required=False)
    grace = SpanField(label=_("Grace time"), help_text=_("So long it may be late, and so long a run may take from its start, before it is down."))
    description = forms.CharField(label=_("What to do when it is down"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        team = _("the team's (%(zone)s)") % {"zone": settings.TIME_ZONE}
        self.fields["time_zone"].choices = [("", team), ("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in zones)]  # type: ignore[attr-defined]
        self.fields["cron"].widget.attrs |= {"class": "mono", "autocomplete": "off", "spellcheck": "false"}

    @classmethod
    def of(cls, ping: Ping) -> "PingForm":
        names = ("name", "slug", "every", "cron", "time_zone", "grace", "description")
        return cls(initial={name: getattr(ping, name) for name in names} | {"how": "cron" if ping.cron else "every"})

    @classmethod
    def new(cls) -> "PingForm":
        return cls(initial={"every": timedelta(hours=1), "grace": timedelta(minutes=10)})

    def wanted(self) -> dict[str, Any]:
        """What the action takes: the chosen one of period and expression, not what was left in the other."""
        wanted = {name: value for name, value in self.cleaned_data.items() if name != "how"}
        return wanted | ({"every": None} if self.cleaned_data["how"] == "cron" else {"cron": "", "time_zone": ""})


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("One sentence is enough. It goes into the audit log."))  # fmt: skip
