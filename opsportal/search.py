"""What the search box finds. Apps register a source in apps.py; every source gives a few hits at most."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from opsportal import frame

Text = str | Promise

MOST_HITS = 8
LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Hit:
    label: Text
    kind: Text
    url: str


Source = Callable[[HttpRequest, str], Iterable[Hit]]
_sources: list[Source] = []


def register_search(source: Source) -> None:
    """`source(request, text)` gives what the person may see; only its first MOST_HITS are taken."""
    _sources.append(source)


def pages(request: HttpRequest, text: str) -> Iterable[Hit]:
    """Pages of the navigation whose name contains the text."""
    for item in frame.items_for(request):
        if text.casefold() in str(item.label).casefold():
            yield Hit(item.label, _("Page"), reverse(item.url_name))


def find(request: HttpRequest, text: str) -> list[Hit]:
    """Hits of all sources, pages first. Nothing for an empty text."""
    text = text.strip()[:LONGEST_TEXT]
    if not text:
        return []
    return [hit for source in (pages, *_sources) for hit in islice(source(request, text), MOST_HITS)]
