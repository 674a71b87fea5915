"""What the switches show around every page: the jobs fact, their line in the navigation, hits of the search."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from opsportal import frame, search
from switches import queries, registry
from switches.models import Switch


def off_of(request: HttpRequest) -> list[Switch]:
    """Read once a request."""
    if not hasattr(request, "_switches_off"):
        request._switches_off = queries.off_now()  # type: ignore[attr-defined]
    return request._switches_off  # type: ignore[attr-defined, no-any-return]


def fact(request: HttpRequest) -> frame.Fact | None:
    if not request.user.has_perm("switches.view"):
        return None
    off, url = off_of(request), reverse("switches")
    if not off:
        return frame.Fact(_("Jobs"), pgettext("jobs", "on"), "ok", url)
    if off[0].name == registry.MASTER:
        return frame.Fact(_("Jobs"), _("master off"), "warn", url)
    return frame.Fact(_("Jobs"), ngettext("%(count)s off", "%(count)s off", len(off)) % {"count": len(off)}, "warn", url)


def hits(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    if not request.user.has_perm("switches.view"):
        return
    for name in registry.readings():
        if text.casefold() in name.casefold():
            yield search.Hit(name, gettext_lazy("Switch"), reverse("switch", args=[name]))
    for switch in queries.find(text)[: search.MOST_HITS]:
        yield search.Hit(switch.name, gettext_lazy("Switch"), reverse("switch", args=[switch.name]))


def register() -> None:
    frame.register_nav(
        frame.NavItem(gettext_lazy("Switches"), "switches", "switches", "switches.view", group="program", order=20, prefix="/ops/switches/")
    )
    frame.register_fact(fact, order=20)
    search.register_search(hits)
