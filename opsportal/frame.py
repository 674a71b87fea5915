"""What stands around every page. Apps register their part in apps.py, so the frame knows none of them.

Navigation, facts in the status bar, the banner, the action beside the search (STOP), and cards on Today.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from opsportal import clock

Text = str | Promise

GROUPS: dict[str, Text] = {
    "": "", "program": _("Program"), "catalog": _("Catalog"), "support": _("Support"), "duty": _("On duty"), "records": _("Records"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NavItem:
    """One line of the navigation. `count` says how many things wait for a person; 0 shows nothing."""

    label: Text
    url_name: str
    icon: str
    permission: str
    group: str = ""
    order: int = 50
    prefix: str = ""
    count: Callable[[HttpRequest], int] = lambda request: 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact in the status bar. `tone`: ok, warn, fail, unknown, off, or stopped (filled red)."""

    label: Text
    word: Text
    tone: str
    url: str = ""
    wide_only: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A template and what it is rendered with, in place of markup in Python."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


FactSource = Callable[[HttpRequest], Fact | None]
PartSource = Callable[[HttpRequest], Part | None]

_nav: list[NavItem] = []
_facts: list[tuple[int, FactSource]] = []
_banners: list[tuple[int, PartSource]] = []
_bar_actions: list[tuple[int, PartSource]] = []
_cards: list[tuple[int, PartSource]] = []


def register_nav(*items: NavItem) -> None:
    _nav.extend(items)


def register_fact(source: FactSource, *, order: int) -> None:
    _facts.append((order, source))


def register_banner(source: PartSource, *, order: int = 50) -> None:
    _banners.append((order, source))


def register_bar_action(source: PartSource, *, order: int = 50) -> None:
    _bar_actions.append((order, source))


def register_card(source: PartSource, *, order: int) -> None:
    """A card on the Today page."""
    _cards.append((order, source))


def _built(sources: list[tuple[int, Any]], request: HttpRequest) -> list[Any]:
    parts = (source(request) for _order, source in sorted(sources, key=lambda pair: pair[0]))
    return [part for part in parts if part is not None]


def cards(request: HttpRequest) -> list[Part]:
    return _built(_cards, request)


def items_for(request: HttpRequest) -> list[NavItem]:
    """The lines of the navigation that the person may open, in order."""
    return [item for item in sorted(_nav, key=lambda item: item.order) if request.user.has_perm(item.permission)]


class Frame:
    """Everything base.html shows; each part is computed when a template first asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.product = settings.OPS_PRODUCT_NAME
        self.environment = str(settings.OPS_ENV)

    @cached_property
    def as_of(self) -> Any:
        return clock.now()

    @cached_property
    def facts(self) -> list[Fact]:
        return _built(_facts, self.request)

    @cached_property
    def banners(self) -> list[Part]:
        return _built(_banners, self.request)

    @cached_property
    def bar_actions(self) -> list[Part]:
        return _built(_bar_actions, self.request)

    @cached_property
    def navigation(self) -> list[dict[str, Any]]:
        """Groups in order: {"key", "label", "items": [{"item", "url", "current", "count"}]}, empty groups left out."""
        allowed = items_for(self.request)
        groups = []
        for key, label in GROUPS.items():
            items = [self._line(item) for item in allowed if item.group == key]
            if items:
                groups.append({"key": key or "top", "label": label, "items": items})
        return groups

    @cached_property
    def _reach(self) -> int:
        """How far into the path shown a line's prefix leads at most: one desk may lie under another's address."""
        return max((len(item.prefix) for item in items_for(self.request) if self.request.path.startswith(item.prefix)), default=0)

    def _line(self, item: NavItem) -> dict[str, Any]:
        url = reverse(item.url_name)
        path = self.request.path
        current = path == url or (bool(item.prefix) and len(item.prefix) == self._reach and path.startswith(item.prefix))
        return {"item": item, "url": url, "current": current, "count": item.count(self.request)}


def context(request: HttpRequest) -> dict[str, object]:
    """Context processor: `frame`, for signed-in people; nothing for others."""
    user = getattr(request, "user", None)
    frame = Frame(request) if user is not None and user.is_authenticated else None
    return {"frame": frame, "product_name": settings.OPS_PRODUCT_NAME, "ops_env": str(settings.OPS_ENV)}
