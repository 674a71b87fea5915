from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Import, ImportRow
from catalog.transfer.table import MOST_ROWS, too_large
from opsportal import uploads

MOST_LINE = 2**31 - 1


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("The file holds"), choices=Import.Kind.choices)
    file = forms.FileField(
        label=gettext_lazy("File"), max_length=1000, widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx", "class": "input"})
    )

    def __init__(self, *args: Any, too_large_sent: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        figures = {"megabytes": uploads.MOST_BYTES // 1024**2, "rows": number_format(MOST_ROWS, force_grouping=True)}
        self.fields["file"].help_text = _("CSV or XLSX, %(megabytes)s MB and %(rows)s rows at most.") % figures
        if too_large_sent:
            self.fields["file"].error_messages |= {"required": too_large()}
        self.fields["file"].error_messages |= {"empty": _("The file is empty.")}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One sentence is enough. It goes into the audit log."),
    )  # fmt: skip


class UndoForm(ReasonForm):
    partly = forms.BooleanField(label=gettext_lazy("Leave rows alone that were changed since, and undo the others"), required=False)


class LineFilter(forms.Form):
    """Which lines of the preview: of one effect, after or before a line."""

    effect = forms.ChoiceField(choices=[("", ""), *ImportRow.Effect.choices], required=False)
    after = forms.IntegerField(min_value=0, max_value=MOST_LINE, required=False)
    before = forms.IntegerField(min_value=0, max_value=MOST_LINE, required=False)


class FileForm(forms.Form):
    """Which file is asked for."""

    kind = forms.ChoiceField(choices=Import.Kind.choices)
    format = forms.ChoiceField(choices=[("csv", "CSV"), ("xlsx", "XLSX")])
