"""From an edit form to one action. Where somebody else was faster, the form comes back with what was typed, what the other one wrote
beside it, and the version that is overwritten by saving once more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import BoundField, CheckboxInput
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from catalog.forms.editing import EditForm
from catalog.models import Product
from opsportal.errors import Conflict, OpsError

FIELDS = {"gtin_taken": "gtin", "url_taken": "url", "key_taken": "key"}
PAGES = {"product_id": "catalog_product", "offer_id": "offer", "store_id": "catalog_store"}
RENAMED = {"product_id": "product", "store_id": "store"}


@dataclass(frozen=True, slots=True)
class Clashing:
    """A field that somebody else changed meanwhile. `typed` is None where this person had left it alone: then theirs is taken over."""

    label: str
    before: str
    now: str
    typed: str | None


@dataclass(slots=True)
class Attempt:
    """What became of it: `done` is the action's answer, else `form` is to be shown again, with `clashes` of a stale one."""

    form: Any
    done: Any = None
    clashes: tuple[Clashing, ...] = ()
    facts: Any = None


def attempt(
    request: HttpRequest, form: EditForm, action: Callable[..., Any], *, done: str, fresh: Callable[[], EditForm] | None = None, **values: Any
) -> Attempt:  # fmt: skip
    """Run the action with what the form wants. `fresh` makes a form of the thing as it is now, for a stale one."""
    if not form.is_valid():
        return Attempt(form)
    try:
        answer = action(actor=request.user.actor, **values, **form.wanted())  # type: ignore[union-attr]
    except Conflict as error:
        if error.code == "stale" and fresh is not None:
            return _merged(form, fresh(), error)
        return Attempt(_told(form, error))
    except OpsError as error:
        return Attempt(_told(form, error))
    messages.success(request, done)
    return Attempt(form, answer)


def _told(form: EditForm, error: OpsError) -> EditForm:
    named = getattr(error, "field", "") or FIELDS.get(error.code, "")
    named = RENAMED.get(named, named)
    form.add_error(named if named in form.fields else None, _with_link(error))
    return form


def _with_link(error: OpsError) -> str:
    for fact, page in PAGES.items():
        if fact in error.facts:
            try:
                return format_html('{} <a href="{}">#{}</a>', str(error), reverse(page, args=[error.facts[fact]]), error.facts[fact])
            except NoReverseMatch:
                break
    return str(error)


def _merged(form: EditForm, now: EditForm, error: Conflict) -> Attempt:
    # What a request posted is a QueryDict, whose copy can be written.
    data: Any = form.data.copy()  # type: ignore[attr-defined]
    touched = set(form.changed_data)
    found = [_merge(form, data, name, _initial(now[name]), touched) for name in form.compared]
    data[form.add_prefix("version")] = str(error.facts["version"])
    again = type(form)(data)
    for name in set(again.fields) - set(form.fields):
        del again.fields[name]
    again.add_error(None, str(error))
    return Attempt(again, clashes=tuple(clash for clash in found if clash), facts=error.facts)


def _merge(form: EditForm, data: Any, name: str, there: str, touched: set[str]) -> Clashing | None:
    """Put into `data` what the field is to hold: what was typed, or, where nothing was, what is there now."""
    seen, typed = _raw(data, form, name, initial=True), _raw(data, form, name)
    data[form.add_initial_prefix(name)] = there
    if there == seen:
        return None
    kept = name in touched and typed != there
    if not kept:
        _put(data, form, name, there)
    before, now, mine = (_words(form, name, value) for value in (seen, there, typed))
    return Clashing(str(form.fields[name].label or name), before, now, mine if kept else None)


def _raw(data: Any, form: EditForm, name: str, *, initial: bool = False) -> str:
    key = form.add_initial_prefix(name) if initial else form.add_prefix(name)
    if isinstance(form.fields[name].widget, CheckboxInput):
        return str(data.get(key, "") in ("on", "True", "true"))
    return str(data.get(key, "")).strip()


def _initial(field: BoundField) -> str:
    value = field.value()
    return "" if value is None else str(value)


def _put(data: Any, form: EditForm, name: str, value: str) -> None:
    if isinstance(form.fields[name].widget, CheckboxInput) and value != "True":
        data.pop(form.add_prefix(name), None)
    else:
        data[form.add_prefix(name)] = value


def _words(form: EditForm, name: str, value: str) -> str:
    if name == "product":
        return str(Product.objects.filter(pk=value).first() or value)
    choices = {str(key): str(label) for key, label in getattr(form.fields[name], "choices", ())}
    return choices.get(value, value)
