from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.queries import for_entity
from notify import actions, queries
from notify.forms import AddressForm, DestinationForm, ReasonForm, RotateForm
from notify.models import Destination
from notify.views.drawing import events_of
from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of

MANAGE = "notify.manage"
HISTORY = 20


@require_safe
@requires("notify.view")
def destinations(request: HttpRequest) -> HttpResponse:
    page = page_of(queries.destinations(), request.GET.get("cursor", ""), fields=("created_at", "id"))
    return render(request, "notify/destinations.html", {"page": page, "may_manage": request.user.has_perm(MANAGE)})


@never_cache
@require_http_methods(["GET", "POST"])
@requires(MANAGE, fresh=True)
def create(request: HttpRequest) -> HttpResponse:
    form = DestinationForm(request.POST or None)
    if form.is_valid() and (made := act(request, actions.create_destination, done="", form=form, **form.cleaned_data)):
        return _show_once(request, made)
    return render(request, "notify/destination_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@requires("notify.view")
def destination(request: HttpRequest, destination_id: int) -> HttpResponse:
    return _page(request, _found(destination_id))


@require_POST
@requires(MANAGE, fresh=True)
def change_address(request: HttpRequest, destination_id: int) -> HttpResponse:
    found, form = _found(destination_id), AddressForm(request.POST)
    done = _("Messages go to the new address from now on.")
    if form.is_valid() and act(request, actions.change_destination, done=done, form=form, destination_id=destination_id, **form.cleaned_data):
        return redirect("notify_destination", destination_id)
    return _page(request, found, 422, address_form=form)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def turn_off(request: HttpRequest, destination_id: int) -> HttpResponse:
    """Without a fresh sign-in: it only holds back."""
    found, form = _found(destination_id), ReasonForm(request.POST or None)
    done = _("Nothing is sent to %(name)s now. Its messages wait.") % {"name": found}
    if form.is_valid() and act(request, actions.turn_destination_off, done=done, form=form, destination_id=destination_id, **form.cleaned_data):
        return redirect("notify_destination", destination_id)
    return render(request, "notify/destination_off.html", {"destination": found, "form": form}, status=422 if form.is_bound else 200)


@require_POST
@requires(MANAGE, fresh=True)
def turn_on(request: HttpRequest, destination_id: int) -> HttpResponse:
    found = _found(destination_id)
    act(request, actions.turn_destination_on, done=_("%(name)s gets its messages again.") % {"name": found}, destination_id=destination_id)
    return redirect("notify_destination", destination_id)


@require_POST
@requires(MANAGE)
def test(request: HttpRequest, destination_id: int) -> HttpResponse:
    _found(destination_id)
    if message := act(request, actions.send_test, done=_("A test is on its way. Here is how it goes."), destination_id=destination_id):
        return redirect("notify_message", message.pk)
    return redirect("notify_destination", destination_id)


@never_cache
@require_POST
@requires(MANAGE, fresh=True)
def rotate(request: HttpRequest, destination_id: int) -> HttpResponse:
    found, form = _found(destination_id), RotateForm(request.POST)
    if form.is_valid() and (
        made := act(request, actions.rotate_destination_secret, done="", form=form, destination_id=found.pk, **form.cleaned_data)
    ):
        return _show_once(request, made)
    return _page(request, found, 422, rotate_form=form)


@require_http_methods(["GET", "POST"])
@requires(MANAGE, fresh=True)
def end_secret(request: HttpRequest, destination_id: int, fingerprint: str) -> HttpResponse:
    found, form = _found(destination_id), ReasonForm(request.POST or None)
    get_object_or_404(found.secrets, fingerprint=fingerprint)
    values = {"destination_id": destination_id, "fingerprint": fingerprint}
    if form.is_valid() and act(
        request, actions.end_destination_secret, done=_("The secret signs nothing any more."), form=form, **values, **form.cleaned_data
    ):
        return redirect("notify_destination", destination_id)
    context = {"destination": found, "fingerprint": fingerprint, "form": form}
    return render(request, "notify/secret_end.html", context, status=422 if form.is_bound else 200)


def _found(destination_id: int) -> Destination:
    return get_object_or_404(Destination, pk=destination_id)


def _show_once(request: HttpRequest, made: actions.NewSecret) -> HttpResponse:
    if made.raw is None:
        return redirect("notify_destination", made.destination.pk)
    # In this answer and nowhere else: not in the session, not in a message.
    return render(request, "notify/secret_made.html", {"destination": made.destination, "raw": made.raw})


def _page(request: HttpRequest, found: Destination, status: int = 200, **forms: Any) -> HttpResponse:
    may_manage = request.user.has_perm(MANAGE)
    blank = {"address_form": AddressForm(initial={"address": found.address}), "rotate_form": RotateForm()}
    live = list(queries.live_secrets(found))
    context = {
        "destination": found, "live": live, "may_add": len(live) < actions.destination.LIVE_SECRETS, "may_manage": may_manage,
        "figures": queries.counts_of(found), "events": events_of(for_entity("destination", found.pk)[:HISTORY]),
    }  # fmt: skip
    return render(request, "notify/destination.html", context | blank | forms, status=status)
