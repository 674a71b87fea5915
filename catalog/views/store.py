from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.queries import for_entity
from catalog import actions
from catalog.forms.store import StoreForm
from catalog.models import Store
from catalog.queries import store as queries
from catalog.views.drawing import HISTORY, events_of
from catalog.views.editing import attempt
from catalog.views.product import EDIT
from opsportal.access import requires
from opsportal.keyset import page_of


@require_safe
@requires("catalog.view")
def stores(request: HttpRequest) -> HttpResponse:
    page = page_of(Store.objects.all(), request.GET.get("cursor", ""), fields=queries.ORDER)
    return render(request, "catalog/store_list.html", {"page": page, "lines": queries.health_of(page.rows), "most": queries.MOST})


@require_safe
@requires("catalog.view")
def store(request: HttpRequest, store_id: int) -> HttpResponse:
    found = get_object_or_404(Store, pk=store_id)
    (health,) = queries.health_of([found])
    events = events_of(for_entity("store", store_id)[:HISTORY])
    return render(request, "catalog/store.html", {"store": found, "health": health, "events": events, "most": queries.MOST})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def create(request: HttpRequest) -> HttpResponse:
    form = StoreForm(request.POST) if request.method == "POST" else StoreForm.new()
    if request.method == "POST":
        tried = attempt(request, form, actions.create_store, done=_("The store is there. Add the offers it has."))
        if tried.done:
            return redirect("catalog_store", tried.done.pk)
    return render(request, "catalog/store_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def edit(request: HttpRequest, store_id: int) -> HttpResponse:
    found = get_object_or_404(Store, pk=store_id)
    if request.method != "POST":
        return render(request, "catalog/store_form.html", {"form": StoreForm.of(found), "store": found})
    form, fresh = StoreForm.of(found, request.POST), lambda: StoreForm.of(Store.objects.get(pk=store_id))
    done = _("The store is changed.")
    tried = attempt(request, form, actions.change_store, done=done, fresh=fresh, store_id=store_id, version=form.seen)
    if tried.done:
        return redirect("catalog_store", store_id)
    return render(request, "catalog/store_form.html", {"form": tried.form, "store": found, "tried": tried}, status=422)
