from django.db.models.functions import Left, Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from health import drawing, howto, tabs
from health.models import Ping, PingEvent
from health.queries import durations_of, find_pings, recent_calls, row_of
from health.queries.ping import counts
from health.state import State
from opsportal.access import requires
from opsportal.components import chip
from opsportal.keyset import page_of

MANAGE = "health.manage_pings"
# So much of a body stands in the timeline; the whole of it on a page of its own.
SHOWN = 400
# The worst first.
ORDER = [State.DOWN, State.LATE, State.NEW, State.STARTED, State.UP, State.PAUSED]


@require_safe
@requires("health.view")
def pings(request: HttpRequest) -> HttpResponse:
    state, found = request.GET.get("state", ""), counts()
    page = page_of(find_pings(state), request.GET.get("cursor", ""), fields=("created_at", "id"))
    calls = recent_calls(ping.pk for ping in page.rows)
    rows = [row_of(ping, calls.get(ping.pk, [])) for ping in page.rows]
    rows.sort(key=lambda row: ORDER.index(row.now.state))
    lines = [(row, drawing.strip(row.calls), howto.url_of(row.ping)) for row in rows]
    chips = [chip(request, f"{one.label} {found[one]}", state=one.value) for one in ORDER if found[one] or state == one]
    context = {"page": page, "lines": lines, "chips": chips, "may_manage": request.user.has_perm(MANAGE), "total": sum(found.values())}
    return render(
        request, "health/pings.html", context | {"tabs": tabs.tabs("pings"), "example": f"{howto.CURL} {request.build_absolute_uri('/ping/')}…"}
    )


@require_safe
@requires("health.view")
def ping(request: HttpRequest, ping_id: int) -> HttpResponse:
    ping = get_object_or_404(Ping, pk=ping_id)
    events = PingEvent.objects.filter(ping=ping).defer("body").annotate(beginning=Left("body", SHOWN), length=Length("body"))
    context = {
        "row": row_of(ping), "ping": ping, "page": page_of(events, request.GET.get("cursor", ""), fields=("created_at", "id"), size=30),
        "flips": ping.flips.order_by("-at", "-pk")[:10], "chart": drawing.durations(durations_of(ping)), "shown": SHOWN,
        "may_manage": request.user.has_perm(MANAGE), "ambiguous": bool(ping.slug) and Ping.objects.filter(slug=ping.slug).exclude(pk=ping.pk).exists(),
    }  # fmt: skip
    if context["may_manage"]:
        context |= {"url": howto.url_of(ping), "slug_url": howto.slug_url_of(ping), "snippets": howto.snippets(ping)}
    return render(request, "health/ping.html", context)


@require_safe
@requires("health.view")
def event(request: HttpRequest, ping_id: int, event_id: int) -> HttpResponse:
    event = get_object_or_404(PingEvent.objects.select_related("ping"), pk=event_id, ping_id=ping_id)
    return render(request, "health/event.html", {"event": event, "ping": event.ping})
