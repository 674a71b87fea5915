"""What pages hand to the component templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter. One that is on leads to the page without it; one that is off, to the page with it."""

    label: Text
    url: str
    on: bool = False


def chip(request: HttpRequest, label: Text, **values: str) -> Chip:
    """The chip that sets these query parameters on the page shown, or takes them away where they are set. Back to the first page."""
    query = request.GET.copy()
    query.pop("cursor", None)
    on = all(query.get(name) == value for name, value in values.items())
    for name, value in values.items():
        query.pop(name, None)
        if not on:
            query[name] = value
    return Chip(label, f"?{query.urlencode()}" if query else request.path, on)


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a timeline: `icon` from the sprite, or `tone` for a status shape; `detail` in small under it."""

    at: datetime
    text: Text
    detail: Text = ""
    icon: str = ""
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its limit in words and its recent course."""

    label: Text
    figure: str
    unit: Text
    tone: str
    word: Text
    limit: Text
    url: str = ""
    values: tuple[float | None, ...] = ()
    course: Text = ""
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A line of a checklist: ticked or not, its state, and the figure against the limit."""

    name: str
    tone: str
    word: Text
    label: Text
    detail: Text = ""
    figure: str = ""
    limit: Text = ""
    before: str = ""
    done: bool = False
    action: Mapping[str, str] | None = None
