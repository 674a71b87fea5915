from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from opsportal import clock
from review.status import day_at, hours, moment

LONGEST = 2000


class _NoteForm(forms.Form):
    """`seen` is what the note was when the form was opened: two people don't overwrite each other's words."""

    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kept: str, **options: Any) -> None:
        options["initial"] = {"note": kept, "seen": kept}
        super().__init__(*args, **options)

    def saw(self, now: str) -> None:
        """The form is shown again with the note of now before the writer's eyes."""
        if self.is_bound:
            self.data = {**self.data.dict(), "seen": now}  # type: ignore[attr-defined]


class LineNoteForm(_NoteForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["note"].help_text = _("What you found, for whoever reads this line next. Empty takes the note away.")
        self.fields["note"].widget.attrs["autofocus"] = True


class ReviewNoteForm(_NoteForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["note"].label = _("What should the next review know?")


class AssignForm(forms.Form):
    person_id = forms.ChoiceField(label=_("Who takes care of it"), required=False, widget=forms.Select(attrs={"autofocus": True}))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["person_id"].choices = [("", _("nobody")), *people]  # type: ignore[attr-defined]


class SnoozeForm(forms.Form):
    """`until` is a moment: the same review's hour of a later day."""

    NEXT, THREE, DATE = "next", "three", "date"
    span = forms.ChoiceField(
        label=_("Leave it alone until"), widget=forms.RadioSelect(attrs={"autofocus": True}), initial=NEXT,
        choices=[(NEXT, _("tomorrow's review")), (THREE, _("the review in 3 days")), (DATE, _("the review of a day"))],
    )  # fmt: skip
    date = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Everybody reads it with the line. It stays visible, and counts as known."))  # fmt: skip

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("span") == self.DATE and "date" not in self.errors and not cleaned.get("date"):
            self.add_error("date", _("Say until which day."))
        return cleaned

    @property
    def until(self) -> datetime:
        """In the team's zone. Only of a valid form."""
        today, chosen = day_at(clock.now()), self.cleaned_data
        day = {self.NEXT: today + timedelta(days=1), self.THREE: today + timedelta(days=3)}.get(chosen["span"]) or chosen["date"]
        return moment(day, hours(self.kind)[0])


class SignForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
