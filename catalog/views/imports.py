from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from catalog import actions
from catalog.forms.transfer import LineFilter, ReasonForm, UndoForm, UploadForm
from catalog.models import Import
from catalog.queries import transfer as queries
from catalog.transfer.columns import columns_of
from opsportal import uploads
from opsportal.access import is_fresh, requires
from opsportal.acts import act
from opsportal.keyset import page_of


@require_safe
@requires("catalog.view")
def imports(request: HttpRequest) -> HttpResponse:
    page = page_of(queries.newest_imports(), request.GET.get("cursor", ""), fields=("created_at", "id"))
    return render(request, "catalog/imports/list.html", {"page": page, "kinds": Import.Kind})


@require_http_methods(["GET", "POST"])
@requires("catalog.import")
def upload(request: HttpRequest) -> HttpResponse:
    data, files = request.POST or None, request.FILES or None
    form = UploadForm(data, files, too_large_sent=uploads.was_too_large(request.META), initial={"kind": request.GET.get("kind", "")})
    if form.is_valid():
        file = form.cleaned_data["file"]
        values = {"kind": form.cleaned_data["kind"], "name": file.name, "content": file.read()}
        if made := act(request, actions.upload_import, done="", form=form, **values):
            return redirect("catalog_import", made.pk)
    kinds = [(value, label, columns_of(value)) for value, label in Import.Kind.choices]
    return render(request, "catalog/imports/upload.html", {"form": form, "kinds": kinds}, status=422 if form.is_bound else 200)


@require_safe
@requires("catalog.view")
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    job = queries.find_import(import_id)
    chosen = LineFilter(request.GET)
    chosen.is_valid()
    page = queries.lines_of(job, **chosen.cleaned_data)
    # A look at every row: on the first page only. Applying looks again.
    in_the_way = queries.in_the_way(job) if job.state == Import.State.READY and not request.GET else []
    context = {"job": job, "page": page, "tabs": queries.tabs_of(job, page.effect), "in_the_way": in_the_way}
    return render(request, "catalog/imports/one.html", context)


@require_safe
@never_cache
@requires("catalog.view")
def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """What changes while a worker is at it, asked for every two seconds. When it is done, the page is loaded anew."""
    job = queries.find_import(import_id)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("catalog_import", import_id)
    return render(request, "catalog/imports/_live.html", {"job": job}) if job.is_owed else HttpResponseClientRefresh()


@require_http_methods(["GET", "POST"])
@requires("catalog.import", fresh=True)
def apply(request: HttpRequest, import_id: int) -> HttpResponse:
    job, form = queries.find_import(import_id), ReasonForm(request.POST or None)
    if form.is_valid() and act(request, actions.apply_import, done="", form=form, import_id=import_id, **form.cleaned_data):
        return redirect("catalog_import", import_id)
    context = {"job": job, "form": form, "is_fresh": is_fresh(request), "in_the_way": queries.in_the_way(job)}
    return render(request, "catalog/imports/apply.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("catalog.import", fresh=True)
def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    job, form = queries.find_import(import_id), UndoForm(request.POST or None)
    if form.is_valid() and act(request, actions.undo_import, done="", form=form, import_id=import_id, **form.cleaned_data):
        return redirect("catalog_import", import_id)
    context = {"job": job, "form": form, "is_fresh": is_fresh(request), "in_the_way": queries.in_the_way(job)}
    return render(request, "catalog/imports/undo.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires("catalog.import")
def again(request: HttpRequest, import_id: int) -> HttpResponse:
    queries.find_import(import_id)
    act(request, actions.plan_import_again, done=_("The file is compared with the catalog as it is now."), import_id=import_id)
    return redirect("catalog_import", import_id)


@require_POST
@requires("catalog.import")
def discard(request: HttpRequest, import_id: int) -> HttpResponse:
    queries.find_import(import_id)
    act(request, actions.discard_import, done=_("The file is discarded. Nothing of it was applied."), import_id=import_id)
    return redirect("catalog_imports")
