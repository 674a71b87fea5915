from django import forms
from django.utils.translation import gettext_lazy as _

from review.actions.duty import LONGEST_NOTE


class HandoverForm(forms.Form):
    text = forms.CharField(
        label=_("What the next person should know"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What is open, what you tried, what not to touch. Names of households don't belong here."),
    )
