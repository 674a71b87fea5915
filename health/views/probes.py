from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from health import probe_drawing, tabs
from health.models import Probe, Standing
from health.queries.probe import PAUSED, find_probes, probe_counts, probe_rows, results_of
from opsportal.access import requires
from opsportal.components import chip
from opsportal.keyset import page_of

MANAGE = "health.manage_probes"
# The worst first.
ORDER = [Standing.DOWN, Standing.FAILING, Standing.NEW, Standing.UP, PAUSED]
SHOWN_TONES = ["fail", "warn", "unknown", "ok", "off"]


@require_safe
@requires("health.view")
def probes(request: HttpRequest) -> HttpResponse:
    state, found = request.GET.get("state", ""), probe_counts()
    page = page_of(find_probes(state), request.GET.get("cursor", ""), fields=("created_at", "id"), size=20)
    rows = sorted(probe_rows(page.rows), key=lambda row: (SHOWN_TONES.index(row.tone), not row.probe.watches_feed))
    labels = {PAUSED: probe_drawing.paused_word()} | {one.value: one.label for one in Standing}
    chips = [chip(request, f"{labels[one]} {found[one]}", state=str(one)) for one in ORDER if found[one] or state == one]
    context = {"page": page, "lines": [(row, probe_drawing.small_strip(row.quarters)) for row in rows], "chips": chips, "total": sum(found.values())}
    return render(request, "health/probes.html", context | {"may_manage": request.user.has_perm(MANAGE), "tabs": tabs.tabs("probes")})


@require_safe
@requires("health.view")
def probe(request: HttpRequest, probe_id: int) -> HttpResponse:
    probe, failed = get_object_or_404(Probe, pk=probe_id), request.GET.get("show") == "failed"
    row, steps = probe_rows([probe])[0], list(probe.steps.order_by("position"))
    context = {
        "probe": probe, "row": row, "steps": steps, "flips": probe.flips.order_by("-at", "-pk")[:10], "failed": failed,
        "strip": probe_drawing.strip(row.quarters), "chart": probe_drawing.load_times(probe, row.quarters),
        "page": page_of(results_of(probe, failed_only=failed), request.GET.get("cursor", ""), fields=("at", "id"), size=20),
        "may_manage": request.user.has_perm(MANAGE),
    }  # fmt: skip
    return render(request, "health/probe.html", context)
