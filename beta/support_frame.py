"""What support messages show around every page: their line of the navigation, hits of the search; on reviews and Today, who waits."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit import registry
from audit.actors import Actor
from beta import actions
from beta.queries.support import find_messages, open_messages
from beta.support_line import LINE
from beta.support_needs import needs
from jobs.deadline import Deadline
from jobs.sweeps import register_sweep
from opsportal import frame, lines, search
from opsportal.lines import State
from opsportal.needs import Gauge, register_gauge, register_needs
from opsportal.words import Figure


def hits(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    """Open and answered ones, the newest first."""
    if request.user.has_perm("beta.view") and len(text) >= 3:
        listed = find_messages(state="all", text=text)
        for message in listed.rows.order_by("-received_at", "-pk")[: search.MOST_HITS]:
            yield search.Hit(str(message), _("Support message"), reverse("beta_support_message", args=[message.pk]))


def open_of(request: HttpRequest) -> int:
    """Counted once a request."""
    if not hasattr(request, "_support_open"):
        request._support_open = open_messages()  # type: ignore[attr-defined]
    return request._support_open  # type: ignore[attr-defined, no-any-return]


def gauge(request: HttpRequest) -> Gauge | None:
    if not request.user.has_perm("beta.view"):
        return None
    count = open_of(request)
    return Gauge(_("Support, open"), Figure(count), State.WARN if count else State.OK, _("0 by the evening"), reverse("beta_support"), line=LINE.key)


def _waiting(request: HttpRequest) -> int:
    """Counted only for those who can do something about it."""
    return open_of(request) if request.user.has_perm("beta.answer_support") else 0


def purge(deadline: Deadline) -> int:
    return actions.purge_messages(actor=Actor.system("jobs"))


def of_household(key: str) -> str:
    """The list of a household's messages."""
    return f"{reverse('beta_support')}?{urlencode({'state': 'all', 'q': key})}"


def register() -> None:
    item = frame.NavItem(
        pgettext_lazy("navigation", "Messages"),
        "beta_support",
        "message",
        "beta.view",
        group="support",
        order=20,
        prefix="/ops/beta/support/",
        count=_waiting,
    )
    frame.register_nav(item)
    search.register_search(hits)
    registry.register_entity("support_message", _("support message"), lambda entity_id: reverse("beta_support_message", args=[entity_id]))
    register_sweep("old support messages", purge)
    lines.register_line(LINE)
    register_needs(needs)
    register_gauge(gauge, order=70)
