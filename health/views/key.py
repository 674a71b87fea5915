from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from health import actions
from health.forms import ReasonForm
from health.models import PingKey
from opsportal.access import requires
from opsportal.acts import act
from opsportal.errors import OpsError

MANAGE = "health.manage_pings"


@require_safe
@requires("health.view")
def keys(request: HttpRequest) -> HttpResponse:
    found = list(PingKey.objects.order_by("-created_at", "-pk")[:20])
    live = sum(key.revoked_at is None for key in found)
    may = request.user.has_perm(MANAGE)
    return render(request, "health/keys.html", {"keys": found, "live": live, "may_add": may and live < actions.key.LIVE_KEYS, "may_manage": may})


@never_cache
@require_POST
@requires(MANAGE, fresh=True)
def create(request: HttpRequest) -> HttpResponse:
    try:
        made = actions.create_ping_key(actor=request.user.actor)  # type: ignore[union-attr]
    except OpsError as error:
        messages.error(request, str(error))
        return redirect("health_ping_keys")
    # In this answer and nowhere else: not in the session, not in a message, not in the database.
    return render(request, "health/key_made.html", {"key": made.key, "raw": made.raw, "base": request.build_absolute_uri("/ping/")})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE, fresh=True)
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    key, form = get_object_or_404(PingKey, pk=key_id), ReasonForm(request.POST or None)
    done = _("The ping key %(prefix)s… is revoked. Calls with it are answered as unknown.") % {"prefix": key.prefix}
    if form.is_valid() and act(request, actions.revoke_ping_key, done=done, form=form, key_id=key_id, **form.cleaned_data):
        return redirect("health_ping_keys")
    others = PingKey.objects.filter(revoked_at=None).exclude(pk=key.pk).exists()
    return render(request, "health/key_revoke.html", {"key": key, "form": form, "others": others}, status=422 if form.is_bound else 200)
