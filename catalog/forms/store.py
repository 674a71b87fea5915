from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.actions.store import MOST_CALLS, MOST_DELAY_MS
from catalog.forms.editing import EditForm
from catalog.models import Store

_NUMBER = {"class": "input--num"}


class StoreForm(EditForm):
    compared = ("name", "currency", "source", "feed_url", "max_concurrency", "delay_ms", "is_active")

    key = forms.CharField(label=_("Key"), max_length=40, help_text=_("Files name the store by it, and it stays: small letters, digits, hyphens."))
    name = forms.CharField(label=_("Name"), max_length=100)
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Three letters: BRL. Taken where a page names none."), widget=forms.TextInput(attrs={"class": "input--code"}))  # fmt: skip
    source = forms.ChoiceField(label=_("Prices come from"), choices=Store.Source.choices, widget=forms.RadioSelect)
    feed_url = forms.CharField(label=_("Address of the feed"), max_length=500, required=False, widget=forms.URLInput, help_text=_("Only where prices come from a feed."))  # fmt: skip
    max_concurrency = forms.IntegerField(label=_("Calls at a time"), min_value=1, max_value=MOST_CALLS, widget=forms.NumberInput(attrs=_NUMBER))
    delay_ms = forms.IntegerField(label=_("Milliseconds between two calls"), min_value=0, max_value=MOST_DELAY_MS, widget=forms.NumberInput(attrs=_NUMBER), help_text=_("A store that is asked too fast shuts us out."))  # fmt: skip
    is_active = forms.BooleanField(label=_("Ask it for prices"), required=False)

    @classmethod
    def new(cls) -> "StoreForm":
        blank = Store()
        return cls(initial={name: getattr(blank, name) for name in cls.compared} | {"feed_url": ""})

    @classmethod
    def of(cls, store: Store, data: Any = None) -> "StoreForm":
        form = cls(data, initial={name: getattr(store, name) for name in cls.compared} | {"version": store.version})
        # The key stays.
        del form.fields["key"]
        return form
