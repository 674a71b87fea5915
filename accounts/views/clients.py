from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions
from accounts.forms import ClientForm, ReasonForm, ScopesForm
from accounts.models import ApiClient, ApiKey
from accounts.requests import PersonRequest
from opsportal.access import requires
from opsportal.errors import OpsError
from opsportal.keyset import page_of

MANAGE = "accounts.manage_clients"


@require_safe
@requires("accounts.view")
def clients(request: PersonRequest) -> HttpResponse:
    page = page_of(ApiClient.objects.prefetch_related("keys"), request.GET.get("cursor", ""), fields=("created_at", "id"), size=30)
    return render(request, "accounts/clients.html", {"page": page, "may_manage_clients": request.user.has_perm(MANAGE)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE, fresh=True)
def create_client(request: PersonRequest) -> HttpResponse:
    form = ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_api_client(actor=request.user.actor, **form.cleaned_data)
        except OpsError as error:
            form.refuse(error)
        else:
            return _show_once(request, made)
    return render(request, "accounts/client_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@requires("accounts.view")
def client(request: PersonRequest, client_id: int) -> HttpResponse:
    return _client_page(request, get_object_or_404(ApiClient, pk=client_id))


@never_cache
@require_POST
@requires(MANAGE, fresh=True)
def rotate_key(request: PersonRequest, client_id: int) -> HttpResponse:
    try:
        made = actions.rotate_api_key(actor=request.user.actor, client_id=client_id)
    except OpsError as error:
        messages.error(request, str(error))
        return redirect("access_client", client_id)
    return _show_once(request, made)


@require_POST
@requires(MANAGE, fresh=True)
def change_scopes(request: PersonRequest, client_id: int) -> HttpResponse:
    form = ScopesForm(request.POST)
    if form.is_valid():
        try:
            client = actions.change_api_scopes(actor=request.user.actor, client_id=client_id, **form.cleaned_data)
        except OpsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("“%(client)s” has the scopes: %(scopes)s.") % {"client": client, "scopes": ", ".join(client.scopes)})
            return redirect("access_client", client_id)
    return _client_page(request, get_object_or_404(ApiClient, pk=client_id), form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE, fresh=True)
def revoke_key(request: PersonRequest, prefix: str) -> HttpResponse:
    key, form = get_object_or_404(ApiKey.objects.select_related("client"), prefix=prefix), ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.revoke_api_key(actor=request.user.actor, prefix=prefix, **form.cleaned_data)
        except OpsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The key ops_%(prefix)s… is revoked. The next call with it is refused.") % {"prefix": prefix})
            return redirect("access_client", key.client_id)
    others = key.client.keys.filter(revoked_at=None).exclude(pk=key.pk).exists()
    context = {"key": key, "form": form, "others": others}
    return render(request, "accounts/key_revoke.html", context, status=422 if form.errors else 200)


def _show_once(request: PersonRequest, made: actions.NewKey) -> HttpResponse:
    # In this answer and nowhere else: not in the session, not in a message, not in the database.
    return render(request, "accounts/key_made.html", {"client": made.client, "key": made.key, "raw": made.raw})


def _client_page(request: PersonRequest, client: ApiClient, form: ScopesForm | None = None) -> HttpResponse:
    form = form or ScopesForm(initial={"scopes": client.scopes})
    keys = list(client.keys.order_by("-created_at"))
    live = sum(key.revoked_at is None for key in keys)
    context = {
        "client": client,
        "keys": keys[:20],
        "live": live,
        "may_add": live < actions.LIVE_KEYS,
        "form": form,
        "may_manage_clients": request.user.has_perm(MANAGE),
    }
    return render(request, "accounts/client.html", context, status=422 if form.errors else 200)
