"""Sentences and figures that are kept, and read in another language later: stored are their parts, never a finished text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from opsportal import money

COUNT, PERCENT, SECONDS, MINUTES = "count", "percent", "seconds", "minutes"


def amount(minor: int, currency: str) -> dict[str, Any]:
    """A value of Words: money in minor units."""
    return {"minor": minor, "currency": currency}


def moment(at: datetime) -> dict[str, Any]:
    """A value of Words: a moment, shown in the team's zone."""
    return {"at": at.isoformat()}


def listed(values: Iterable[Any], by: str = ", ") -> dict[str, Any]:
    """A value of Words: several values one after the other; Words among them are said in the reader's language."""
    return {"all": [_kept(value) for value in values], "by": by}


def sums(amounts: Mapping[str, int]) -> dict[str, Any]:
    """A value of Words: minor units by currency. “R$ 59,80 + US$ 5.00”: different currencies are never added up."""
    return listed((amount(minor, currency) for currency, minor in amounts.items()), by=" + ")


@dataclass(frozen=True, slots=True)
class Words:
    """An English sentence, written by said() or counted() or marked with gettext_noop, and its values: numbers, texts, amount(), moment(),
    listed(), sums(), and the to_json() of other Words.

    With `plural` (ngettext's second form) the value `count` decides.
    """

    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        """In the language of the moment."""
        if not self.text:
            return ""
        text = ngettext(self.text, self.plural, self.values["count"]) if self.plural else gettext(self.text)
        return text % {name: _shown(value) for name, value in self.values.items()} if self.values else text

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "values": dict(self.values), "plural": self.plural} if self.text else {}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Words":
        return cls(**kept)

    @classmethod
    def plain(cls, text: str) -> "Words":
        """A name or a number, the same in every language."""
        return cls("%(text)s", {"text": text})

    @classmethod
    def of_label(cls, label: str | Promise) -> "Words":
        """A label that gettext_lazy has marked, without a context of its own."""
        with override("en"):
            return cls(str(label))


def said(text: str, **values: Any) -> Words:
    """Words of a literal, which the catalog's collector finds by this call's name. Words may be among the values."""
    return Words(text, {name: _kept(value) for name, value in values.items()})


def counted(one: str, many: str, count: int, **values: Any) -> Words:
    """The same in two forms, of which `count` decides."""
    return Words(one, {"count": count} | {name: _kept(value) for name, value in values.items()}, many)


def _kept(value: Any) -> Any:
    return value.to_json() if isinstance(value, Words) else value


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        if not value:
            return ""
        if "minor" in value:
            return money.in_words(value["minor"], value["currency"])
        if "all" in value:
            return str(value["by"]).join(_shown(one) for one in value["all"])
        if "text" in value:
            return str(Words.from_json(value))
        return date_format(localtime(datetime.fromisoformat(value["at"])), "SHORT_DATETIME_FORMAT")
    return _number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _number(value: float) -> str:
    places = 0 if float(value).is_integer() else 1
    return number_format(value, places, force_grouping=True)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit: count, percent, seconds, minutes, or a currency's code (then in minor units). `of`: “24 of 24”.

    `value` None: there is no figure.
    """

    value: float | None = None
    unit: str = COUNT
    of: float | None = None

    def __str__(self) -> str:
        """In the language of the moment."""
        if self.value is None:
            return str(_("no figure"))
        if self.unit not in _UNITS:
            return money.in_words(int(self.value), self.unit)
        if self.of is not None:
            return gettext("%(value)s of %(of)s") % {"value": _number(self.value), "of": _number(self.of)}
        return str(_UNITS[self.unit]) % {"value": _number(self.value)}

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, "unit": self.unit, "of": self.of}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Figure":
        return cls(**kept)


_UNITS = {COUNT: "%(value)s", PERCENT: _("%(value)s %%"), SECONDS: _("%(value)s s"), MINUTES: _("%(value)s min")}
