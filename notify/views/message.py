from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.queries import for_entity
from notify import actions, queries
from notify.forms import FilterForm, ReasonForm
from notify.models import Message, State
from notify.views.drawing import attempts_of, events_of, state_chips, tiles
from opsportal import clock
from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of

HISTORY = 20
RETRIED_BY = ("channel", "topic", "destination")
DEAD = ("state", State.DEAD)


@require_safe
@requires("notify.view")
def outbox(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    chosen = form.chosen()
    page = page_of(queries.listed(**chosen), request.GET.get("cursor", ""), fields=("created_at", "id"))
    figures = queries.figures()
    context = {"filter": form, "chosen": chosen, "page": page, "figures": figures, "tiles": tiles(figures), "chips": state_chips(request)}
    return render(request, "notify/outbox.html", context | {"may_retry": request.user.has_perm("notify.retry")})


@require_safe
@requires("notify.view")
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    return render(request, "notify/message.html", _shown(request, _found(message_id)))


@require_POST
@requires("notify.retry")
def retry(request: HttpRequest, message_id: UUID) -> HttpResponse:
    _found(message_id)
    act(request, actions.retry_message, done=_("It is being tried again now."), message_id=message_id)
    return redirect("notify_message", message_id)


@require_http_methods(["GET", "POST"])
@requires("notify.retry")
def set_aside(request: HttpRequest, message_id: UUID) -> HttpResponse:
    found, form = _found(message_id), ReasonForm(request.POST or None)
    done = _("The message is set aside. It is not tried again.")
    if form.is_valid() and act(request, actions.set_message_aside, done=done, form=form, message_id=message_id, **form.cleaned_data):
        return redirect("notify_message", message_id)
    return render(request, "notify/set_aside.html", {"message": found, "form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("notify.retry")
def retry_all(request: HttpRequest) -> HttpResponse:
    """GET asks, POST tries again: what the address narrows it to. A filter that got lost would mean more than was asked, so it is an error."""
    form = FilterForm(request.GET)
    chosen: dict[str, Any] = {name: value for name, value in form.chosen().items() if (name, value) == DEAD or name in RETRIED_BY}
    if lost := form.lost(chosen):
        messages.error(request, _("Nothing is tried again: the filter “%(filter)s” makes no sense here.") % {"filter": lost})
        return redirect("notify")
    chosen.pop("state", None)
    if request.method == "POST":
        if count := act(request, actions.retry_messages, done="", **chosen):
            text = ngettext("%(count)s message is being tried again.", "%(count)s messages are being tried again.", count)
            messages.success(request, text % {"count": count})
        return redirect("notify")
    dead = queries.retriable_count(**chosen)
    return render(request, "notify/retry_all.html", {"chosen": chosen, "dead": dead, "most": actions.message.MOST_AT_ONCE})


def _found(message_id: UUID) -> Message:
    return get_object_or_404(Message.objects.select_related("destination"), pk=message_id)


def _shown(request: HttpRequest, message: Message) -> dict[str, Any]:
    return {
        "message": message,
        "attempts": attempts_of(message),
        "answer": queries.last_answer(message),
        "preview": queries.preview(message),
        "is_claimed": queries.is_claimed(message),
        "is_due": message.next_at <= clock.now(),
        "can_retry": queries.can_retry(message),
        "events": events_of(for_entity("message", message.pk)[:HISTORY]),
        "may_retry": request.user.has_perm("notify.retry"),
    }
