"""Files out: exports of what a list shows, and empty ones to fill in."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.forms.filters import OfferFilter, ProductFilter
from catalog.forms.transfer import FileForm
from catalog.models import Import
from catalog.queries.offer import FLAGS as OFFER_FLAGS
from catalog.queries.offer import find_offers
from catalog.queries.product import FLAGS as PRODUCT_FLAGS
from catalog.queries.product import find_products
from catalog.transfer import exporting
from catalog.transfer.columns import names_of
from catalog.views.drawing import flags_of
from opsportal import clock
from opsportal.access import requires
from opsportal.errors import Invalid

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@requires("catalog.view")
def export(request: HttpRequest) -> HttpResponseBase:
    """What the list shows with the same filters; without any, everything that is not archived."""
    form = FileForm(request.GET)
    if not form.is_valid():
        return _not_so(request, _("An export is of products or offers, as CSV or XLSX."))
    kind, form_of = form.cleaned_data["kind"], form.cleaned_data["format"]
    found, name = _found(request, kind), f"{kind}-{clock.today():%Y-%m-%d}.{form_of}"
    if form_of == "xlsx":
        try:
            return FileResponse(exporting.xlsx_of(kind, found), as_attachment=True, filename=name, content_type=XLSX)
        except Invalid as error:
            return _not_so(request, str(error))
    return StreamingHttpResponse(exporting.csv_of(kind, found), content_type="text/csv; charset=utf-8", headers=_attached(name))


@require_safe
@requires("catalog.view")
def template(request: HttpRequest) -> HttpResponseBase:
    """The headings alone; an XLSX explains them on its second sheet."""
    form = FileForm(request.GET)
    if not form.is_valid():
        return _not_so(request, _("A template is for products or offers, as CSV or XLSX."))
    kind, form_of = form.cleaned_data["kind"], form.cleaned_data["format"]
    if form_of == "xlsx":
        return FileResponse(exporting.template_of(kind), as_attachment=True, filename=f"{kind}.xlsx", content_type=XLSX)
    return HttpResponse(f"\ufeff{','.join(names_of(kind))}\r\n", content_type="text/csv; charset=utf-8", headers=_attached(f"{kind}.csv"))


def _found(request: HttpRequest, kind: str) -> QuerySet:
    if kind == Import.Kind.OFFERS:
        return find_offers(OfferFilter(request.GET).wanted(frozenset(flags_of(request, OFFER_FLAGS))))[0]
    form = ProductFilter(request.GET)
    form.is_valid()
    return find_products(form.cleaned_data.get("q", ""), form.cleaned_data.get("category", ""), flags_of(request, PRODUCT_FLAGS))


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _not_so(request: HttpRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    return redirect("catalog_imports")
