"""What pings show around every page: how many are down, beside the navigation; in the search, by name."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from health.models import Ping
from health.queries import pings_down
from opsportal import frame, search


def register() -> None:
    frame.register_nav(
        frame.NavItem(gettext_lazy("Health"), "health_pings", "health", "health.view", group="duty", order=60, prefix="/ops/health/", count=_waiting)
    )
    search.register_search(hits)


def hits(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    if request.user.has_perm("health.view"):
        for ping in Ping.objects.filter(name__icontains=text).order_by("name", "pk")[: search.MOST_HITS]:
            yield search.Hit(ping.name, gettext_lazy("Ping"), reverse("health_ping", args=[ping.pk]))


def _waiting(request: HttpRequest) -> int:
    return pings_down()
