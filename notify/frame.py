"""What the outbox shows around every page: its line in the navigation, hits of the search."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notify import queries
from opsportal import frame, search


def hits(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    if request.user.has_perm("notify.view"):
        for message in queries.find(text)[: search.MOST_HITS]:
            yield search.Hit(f"{message.topic}: {message.key}", _("Message"), reverse("notify_message", args=[message.pk]))


def dead_of(request: HttpRequest) -> int:
    """Counted once a request."""
    if not hasattr(request, "_notify_dead"):
        request._notify_dead = queries.dead_count()  # type: ignore[attr-defined]
    return request._notify_dead  # type: ignore[attr-defined, no-any-return]


def register() -> None:
    frame.register_nav(frame.NavItem(_("Outbox"), "notify", "invite", "notify.view", group="duty", order=70, prefix="/ops/notify/", count=dead_of))
    search.register_search(hits)
