"""Forms that two people may have open at a time."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _


class EditForm(forms.Form):
    """Says which version it saw, and what each field held then: so what a person typed can be told from what they only left standing."""

    compared: ClassVar[tuple[str, ...]]

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, help_text=_("It goes into the audit log."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order_fields([name for name in self.fields if name != "reason"])
        for name in self.compared:
            self.fields[name].show_hidden_initial = True

    @property
    def seen(self) -> int:
        """The version that the form was made of; 0, which none has, where it says none."""
        return (self.cleaned_data.get("version") if self.is_valid() else None) or 0

    def wanted(self) -> dict[str, Any]:
        """What the action takes, the version aside."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class ArchiveForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("One sentence is enough. It goes into the audit log."))  # fmt: skip

    def __init__(self, *args: Any, required: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = required
