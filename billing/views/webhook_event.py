from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.queries import for_entity
from billing import actions
from billing.actions.event import REPLAYED
from billing.forms.webhooks import HandleForm
from billing.models import SignatureFailure, WebhookEvent
from billing.processing.acted_on import lines_for
from billing.processing.schedule import tries_for
from billing.queries.event import is_claimed
from billing.states import EventState
from billing.webhook_text import headers_of, history, preview
from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of

REPLAY = "billing.reconcile"
HISTORY = 20


@require_safe
@requires("billing.view")
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    return render(request, "billing/webhooks/event.html", _shown(request, _found(event_id), HandleForm()))


@require_POST
@requires(REPLAY)
def replay(request: HttpRequest, event_id: int) -> HttpResponse:
    _found(event_id)
    act(request, actions.replay_event, done=_("It is being processed again now."), event_id=event_id)
    return redirect("billing_event", event_id)


@require_POST
@requires(REPLAY)
def handle(request: HttpRequest, event_id: int) -> HttpResponse:
    found, form = _found(event_id), HandleForm(request.POST)
    done = _("It is marked as handled. It is not tried again.")
    if form.is_valid() and act(request, actions.handle_event, done=done, form=form, event_id=event_id, **form.cleaned_data):
        return redirect("billing_event", event_id)
    return render(request, "billing/webhooks/event.html", _shown(request, found, form), status=422)


@require_safe
@requires("billing.view")
def refused(request: HttpRequest) -> HttpResponse:
    page = page_of(SignatureFailure.objects.defer("body"), request.GET.get("cursor", ""), fields=("at", "id"))
    return render(request, "billing/webhooks/refused_list.html", {"page": page})


@require_safe
@requires("billing.view")
def refused_one(request: HttpRequest, failure_id: int) -> HttpResponse:
    found = get_object_or_404(SignatureFailure, pk=failure_id)
    text, is_cut = preview(bytes(found.body), whole="whole" in request.GET)
    return render(request, "billing/webhooks/refused.html", {"failure": found, "headers": headers_of(found.headers), "text": text, "is_cut": is_cut})


def _found(event_id: int) -> WebhookEvent:
    return get_object_or_404(WebhookEvent.objects.select_related("checkout", "payment"), pk=event_id)


def _tries_allowed(event: WebhookEvent) -> int | None:
    """After how many tries a person is asked; None for one that is not tried any more."""
    return tries_for(event.error_code, again=True) if event.state in (EventState.RECEIVED, EventState.WAITING) else None


def _shown(request: HttpRequest, event: WebhookEvent, form: HandleForm) -> dict[str, Any]:
    text, is_cut = preview(bytes(event.body), whole="whole" in request.GET)
    may = request.user.has_perm(REPLAY)
    return {
        "event": event, "text": text, "is_cut": is_cut, "headers": headers_of(event.headers), "form": form, "is_claimed": is_claimed(event),
        "acted_on": list(lines_for(event.provider, event.event_type)), "most_tries": _tries_allowed(event), "history": history(for_entity("webhook_event", event.pk)[:HISTORY]),
        "may_replay": may and event.state in REPLAYED, "may_handle": may and event.state == EventState.PERSON,
    }  # fmt: skip
