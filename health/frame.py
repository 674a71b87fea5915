"""What probes and pings show around every page: how many are down, beside the navigation; in the search, by name."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from health.models import Ping, Probe, Standing
from health.queries import down, find_pings
from health.state import State
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


def probes_of(request: HttpRequest) -> list[Probe]:
    """Every probe, by name; read once a request."""
    if not hasattr(request, "_health_probes"):
        request._health_probes = list(Probe.objects.order_by("name"))  # type: ignore[attr-defined]
    return request._health_probes  # type: ignore[attr-defined, no-any-return]


def pings_down_of(request: HttpRequest) -> list[Ping]:
    """Those that are down, the longest first; read once a request."""
    if not hasattr(request, "_health_pings_down"):
        request._health_pings_down = list(find_pings(State.DOWN).order_by("verdict_at"))  # type: ignore[attr-defined]
    return request._health_pings_down  # type: ignore[attr-defined, no-any-return]


def _waiting(request: HttpRequest) -> int:
    """One query, or none where the page has read both."""
    if not (hasattr(request, "_health_probes") and hasattr(request, "_health_pings_down")):
        return down()
    probes = [probe for probe in probes_of(request) if probe.state == Standing.DOWN and probe.paused_at is None]
    return len(probes) + len(pings_down_of(request))
