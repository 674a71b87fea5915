from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalog import actions
from catalog.forms.editing import ArchiveForm
from catalog.forms.offer import OfferForm
from catalog.models import Offer, Product, Store
from catalog.queries.override import layers_of
from catalog.queries.product import named
from catalog.views.drawing import offer_url
from catalog.views.editing import attempt
from catalog.views.product import EDIT
from opsportal.access import requires
from opsportal.acts import act

MOST_FOUND = 20
M = TypeVar("M", bound=Model)


@requires(EDIT)
@require_safe
def pick(request: HttpRequest) -> HttpResponse:
    """Which product the offer is of: found by its words, not in a list of fifty thousand."""
    text = request.GET.get("q", "")[:100]
    offer = _known(Offer.objects.select_related("product"), request.GET.get("offer"))
    context = {"q": text, "found": named(text, MOST_FOUND), "offer": offer, "store": request.GET.get("store", "")[:20]}
    return render(request, "catalog/offer_pick.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def create(request: HttpRequest) -> HttpResponse:
    product = _known(Product.objects.all(), request.POST.get("product") or request.GET.get("product"))
    store = _known(Store.objects.all(), request.GET.get("store"))
    if product is None:
        return redirect("offer_pick")
    if request.method != "POST":
        return _page(request, OfferForm.new(product, store), product)
    tried = attempt(request, OfferForm(request.POST), actions.create_offer, done=_("The offer is there."))
    return _saved(request, tried.done) if tried.done else _page(request, tried.form, product, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def edit(request: HttpRequest, offer_id: int) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.select_related("product", "store"), pk=offer_id)
    if request.method != "POST":
        moved = _known(Product.objects.all(), request.GET.get("product"))
        return _page(request, OfferForm.of(offer, moved), moved or offer.product, offer=offer)
    form, fresh = OfferForm(request.POST), lambda: OfferForm.of(Offer.objects.get(pk=offer_id))
    tried = attempt(request, form, actions.change_offer, done=_("The offer is changed."), fresh=fresh, offer_id=offer_id, version=form.seen)
    if tried.done:
        return _saved(request, tried.done)
    product = _known(Product.objects.all(), tried.form["product"].value())
    return _page(request, tried.form, product or offer.product, offer=offer, tried=tried, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def archive(request: HttpRequest, offer_id: int) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.select_related("product", "store"), pk=offer_id)
    form = ArchiveForm(request.POST or None)
    done = _("“%(name)s” is archived. It can be restored.") % {"name": offer}
    if form.is_valid() and act(request, actions.archive_offer, done=done, form=form, offer_id=offer_id, **form.cleaned_data):
        return redirect(offer_url(offer_id))
    context = {"form": form, "offer": offer, "away": offer_url(offer_id)}
    return render(request, "catalog/offer_archive.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def restore(request: HttpRequest, offer_id: int) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.select_related("product", "store"), pk=offer_id)
    form = ArchiveForm(request.POST if request.method == "POST" else None, required=False)
    done = _("“%(name)s” is shown again.") % {"name": offer}
    if form.is_valid() and act(request, actions.restore_offer, done=done, form=form, offer_id=offer_id, **form.cleaned_data):
        return redirect(offer_url(offer_id))
    context = {"form": form, "offer": offer, "away": offer_url(offer_id)}
    return render(request, "catalog/offer_restore.html", context, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, form: OfferForm, product: Product, *, offer: Offer | None = None, status: int = 200, **more: Any) -> HttpResponse:
    layers = [layer for layer in layers_of(offer) if layer.override] if offer else []
    away = offer_url(offer.pk) if offer else ""
    return render(request, "catalog/offer_form.html", {"form": form, "product": product, "offer": offer, "layers": layers, "away": away, **more}, status=status)  # fmt: skip


def _saved(request: HttpRequest, offer: Offer) -> HttpResponse:
    if offer.price and offer.list_price and offer.list_price < offer.price:
        messages.warning(request, _("The list price is below the price: no discount is shown. Is that right?"))
    return redirect(offer_url(offer.pk))


def _known(things: QuerySet[M], number: object) -> M | None:
    """The thing of this number; None for what is no number, too."""
    said = str(number or "")
    return things.filter(pk=int(said)).first() if said.isascii() and said.isdigit() and len(said) < 19 else None
