from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jobs.actions.schedule import LONGEST
from jobs.models import Schedule

UNITS = ((1, _("seconds")), (60, _("minutes")), (3600, _("hours")))
EVERY, DAILY = "every", "daily"


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("One sentence is enough. It goes into the audit log."))  # fmt: skip


def _number(**options: Any) -> forms.IntegerField:
    return forms.IntegerField(max_value=LONGEST, widget=forms.NumberInput(attrs={"class": "input--num"}), **options)


def _unit(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=UNITS, coerce=int, required=False, empty_value=60)  # type: ignore[arg-type]


class ScheduleForm(forms.Form):
    """When a job is due. The hidden fields hold what the editor saw, so that two editors don't overwrite each other."""

    kind = forms.ChoiceField(label=_("Due"), widget=forms.RadioSelect, choices=[(EVERY, _("every so often")), (DAILY, _("once a day"))])
    every = _number(label=_("Every"), min_value=1, required=False)
    every_unit = _unit(_("Unit of “every”"))
    daily_at = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), help_text=_("On the clock of the team's zone.")
    )
    pause = _number(label=_("Minimum interval"), min_value=0, help_text=_("Between the starts of two runs; also for runs that a person or a call asks for. 0: none."))  # fmt: skip
    pause_unit = _unit(_("Unit of the minimum interval"))
    reason = forms.CharField(label=_("Reason"), max_length=500)
    was_every = forms.IntegerField(required=False, widget=forms.HiddenInput)
    was_daily = forms.TimeField(required=False, widget=forms.HiddenInput)
    was_pause = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, schedule: Schedule) -> "ScheduleForm":
        every, every_unit = _split(schedule.every_seconds or 3600)
        pause, pause_unit = _split(schedule.min_interval)
        shown = {"every": every, "every_unit": every_unit, "daily_at": schedule.daily_at, "pause": pause, "pause_unit": pause_unit}
        return cls(initial={"kind": EVERY if schedule.daily_at is None else DAILY, **shown, **seen(schedule)})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        needed, words = ("every", _("Say how often.")) if cleaned.get("kind") == EVERY else ("daily_at", _("Say at what time."))
        if cleaned.get("kind") and needed not in self.errors and cleaned.get(needed) is None:
            self.add_error(needed, words)
        for name in ("every", "pause"):
            if (cleaned.get(name) or 0) * cleaned.get(f"{name}_unit", 60) > LONGEST:
                self.add_error(name, _("A week at most."))
        return cleaned

    def times(self) -> dict[str, Any] | None:
        """What was typed as change_schedule takes it; None where it makes no sense. The reason may be missing."""
        if set(self.errors) - {"reason"}:
            return None
        chosen = self.cleaned_data
        is_daily = chosen["kind"] == DAILY
        return {
            "every_seconds": None if is_daily else chosen["every"] * chosen["every_unit"],
            "daily_at": chosen["daily_at"] if is_daily else None,
            "min_interval": chosen["pause"] * chosen["pause_unit"],
        }

    @property
    def was(self) -> Schedule:
        """What the editor saw."""
        seen_then = self.cleaned_data
        return Schedule(every_seconds=seen_then["was_every"], daily_at=seen_then["was_daily"], min_interval=seen_then["was_pause"])


def seen(schedule: Schedule) -> dict[str, int | time | None]:
    """The hidden fields for a schedule."""
    return {"was_every": schedule.every_seconds, "was_daily": schedule.daily_at, "was_pause": schedule.min_interval}


def is_as_seen(schedule: Schedule, was: Schedule) -> bool:
    return seen(schedule) == seen(was)


def _split(seconds: int) -> tuple[int, int]:
    """A number and the largest unit in which it is whole."""
    unit = next(size for size, _word in reversed(UNITS) if seconds % size == 0) if seconds else 60
    return seconds // unit, unit
