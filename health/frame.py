"""What probes and pings show around every page: how many are down, beside the navigation; in the search, by name."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from health.models import Ping, Probe
from health.queries import down
from opsportal import frame, search


def register() -> None:
    frame.register_nav(
        frame.NavItem(gettext_lazy("Health"), "health_probes", "health", "health.view", group="duty", order=60, prefix="/ops/health/", count=_waiting)
    )
    search.register_search(hits)


def hits(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    if request.user.has_perm("health.view"):
        for probe in Probe.objects.filter(name__icontains=text).order_by("name", "pk")[: search.MOST_HITS]:
            yield search.Hit(probe.name, gettext_lazy("Probe"), reverse("health_probe", args=[probe.pk]))
        for ping in Ping.objects.filter(name__icontains=text).order_by("name", "pk")[: search.MOST_HITS]:
            yield search.Hit(ping.name, gettext_lazy("Ping"), reverse("health_ping", args=[ping.pk]))


def _waiting(request: HttpRequest) -> int:
    return down()
