from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from audit.queries import for_entity
from catalog import actions
from catalog.forms.editing import ArchiveForm
from catalog.forms.filters import ProductFilter
from catalog.forms.product import ProductForm
from catalog.models import Product, Status
from catalog.queries import product as queries
from catalog.queries.risk import frozen
from catalog.queries.spread import spreads_of
from catalog.views.drawing import HISTORY, events_of, flag_chips, flags_of
from catalog.views.editing import attempt
from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of

EDIT = "catalog.edit"
FLAGS = {"alerting": gettext_lazy("With price alerts"), "without_offers": gettext_lazy("Without offers"), "archived": gettext_lazy("Archived")}


@require_safe
@requires("catalog.view")
def products(request: HttpRequest) -> HttpResponse:
    form, flags = ProductFilter(request.GET), flags_of(request, FLAGS)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = queries.find_products(chosen.get("q", ""), chosen.get("category", ""), flags)
    page = page_of(found, request.GET.get("cursor", ""), fields=queries.ORDER)
    context = {
        "filter": form, "flags": flags, "chips": flag_chips(request, FLAGS), "page": page, "lines": queries.lines_of(page.rows),
        "is_filtered": bool(flags or any(chosen.values())),
    }  # fmt: skip
    return render(request, "catalog/product_list.html", context)


@require_safe
@requires("catalog.view")
def product(request: HttpRequest, product_id: int) -> HttpResponse:
    found = get_object_or_404(Product, pk=product_id)
    offers = queries.offers_of(found)
    context = {
        "product": found, "offers": offers, "spreads": spreads_of(offers), "most": queries.SIDE_BY_SIDE,
        "alerts": queries.active_alerts_of(found), "events": events_of(for_entity("product", product_id)[:HISTORY]),
        "frozen": frozen(), "returning": queries.offers_archived_with(found).count(),
    }  # fmt: skip
    return render(request, "catalog/product.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def create(request: HttpRequest) -> HttpResponse:
    form = ProductForm(request.POST or None, initial={"name": request.GET.get("name", "")[:200]})
    if request.method == "POST":
        tried = attempt(request, form, actions.create_product, done=_("The product is there. Add the offers of its stores."))
        if tried.done:
            return redirect("catalog_product", tried.done.pk)
    return render(request, "catalog/product_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def edit(request: HttpRequest, product_id: int) -> HttpResponse:
    found = get_object_or_404(Product, pk=product_id)
    if request.method != "POST":
        return render(request, "catalog/product_form.html", {"form": ProductForm.of(found), "product": found})
    form, fresh = ProductForm(request.POST), lambda: ProductForm.of(Product.objects.get(pk=product_id))
    done = _("The product is changed.")
    tried = attempt(request, form, actions.change_product, done=done, fresh=fresh, product_id=product_id, version=form.seen)
    if tried.done:
        return redirect("catalog_product", product_id)
    return render(request, "catalog/product_form.html", {"form": tried.form, "product": found, "tried": tried}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def archive(request: HttpRequest, product_id: int) -> HttpResponse:
    found, form = get_object_or_404(Product, pk=product_id), ArchiveForm(request.POST or None)
    done = _("“%(name)s” is archived. It can be restored on its page.") % {"name": found}
    if form.is_valid() and act(request, actions.archive_product, done=done, form=form, product_id=product_id, **form.cleaned_data):
        return redirect("catalog_product", product_id)
    context = {"form": form, "product": found, "count": found.offers.filter(status=Status.ACTIVE).count(), "alerts": queries.active_alerts_of(found)}
    return render(request, "catalog/product_archive.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def restore(request: HttpRequest, product_id: int) -> HttpResponse:
    found = get_object_or_404(Product, pk=product_id)
    form, returning = ArchiveForm(request.POST if request.method == "POST" else None, required=False), queries.offers_archived_with(found).count()
    done = ngettext("“%(name)s” is back, with %(n)d offer.", "“%(name)s” is back, with %(n)d offers.", returning) % {"name": found, "n": returning}
    if form.is_valid() and act(request, actions.restore_product, done=done, form=form, product_id=product_id, **form.cleaned_data):
        return redirect("catalog_product", product_id)
    context = {"form": form, "product": found, "count": returning}
    return render(request, "catalog/product_restore.html", context, status=422 if form.is_bound else 200)
