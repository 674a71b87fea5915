from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit import queries
from audit.forms import FilterForm
from audit.models import AuditLog
from audit.verifying import verify
from opsportal import clock
from opsportal.access import requires
from opsportal.components import Chip, chip
from opsportal.keyset import Page, page_of

PAGE = 50
# What a click checks: so many of the latest seals, and for so long.
CHECKED = 20
CHECK_SECONDS = 5
RANGES = ((_("Last hour"), timedelta(hours=1)), (_("Last 24 hours"), timedelta(hours=24)), (_("Last 7 days"), timedelta(days=7)))


@requires("audit.view")
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    on = list(_on(request, form)) if form.is_valid() else []
    page: Page[AuditLog] = Page([], "", "")
    if form.is_valid():
        page = page_of(queries.filtered(**form.filters()), request.GET.get("cursor", ""), fields=queries.ORDER, size=PAGE)
    chips = on if form.data.get("since") else [*on, *_ranges(request)]
    return render(request, "audit/audit_list.html", {"form": form, "page": page, "on": on, "chips": chips})


@requires("audit.view")
@require_safe
def audit_row(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(AuditLog, pk=pk)
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "audit/audit_list.html#row", {"row": row, "opened": "close" not in request.GET, "swapped": True})
    return render(request, "audit/audit_row.html", {"row": row})


@requires("audit.view")
@require_safe
def seals(request: HttpRequest) -> HttpResponse:
    return render(request, "audit/seals.html", _chain(request))


@requires("audit.view")
@require_safe
def check_seals(request: HttpRequest) -> HttpResponse:
    """The latest seals, checked now. A link that changes nothing; whole chains are the command's."""
    last = queries.last_seal()
    report = verify(since=max(1, (last.number if last else 0) - CHECKED + 1), seconds=CHECK_SECONDS)
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "audit/seals.html#check", {"report": report, "checked": CHECKED})
    return render(request, "audit/seals.html", _chain(request) | {"report": report})


@requires("audit.view")
@require_safe
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(queries.seals(), pk=pk)
    return render(request, "audit/seal.html", {"seal": shown, "report": verify(since=shown.number, until=shown.number)})


def _chain(request: HttpRequest) -> dict[str, Any]:
    page = page_of(queries.seals(), request.GET.get("cursor", ""), fields=queries.SEALS_ORDER, size=PAGE)
    return {
        "page": page,
        "last": queries.last_seal(),
        "waiting": queries.waiting(),
        "behind": queries.behind_since(),
        "counted": queries.COUNTED,
        "checked": CHECKED,
        "file": settings.OPS_SEAL_FILE,
    }


def _on(request: HttpRequest, form: FilterForm) -> Iterator[Chip]:
    """A chip for each filter that is set; it leads to the page without it."""
    for name in form.fields:
        if not form.cleaned_data[name]:
            continue
        names = ("entity", "entity_id") if name == "entity" else (name,)
        yield chip(request, f"{form.title(name)}: {form.word(name)}", **{one: request.GET[one] for one in names if one in request.GET})


def _ranges(request: HttpRequest) -> Iterator[Chip]:
    for label, back in RANGES:
        yield chip(request, label, since=f"{localtime(clock.now() - back):%Y-%m-%dT%H:%M:%S}")
