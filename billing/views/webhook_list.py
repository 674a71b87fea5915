from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions, webhook_drawing
from billing.actions.event import MOST_AT_ONCE
from billing.forms.webhooks import EventFilter, ReplayForm
from billing.intake.secrets import has_secret
from billing.processing.acted_on import TABLE
from billing.queries import event as events
from billing.queries import intake
from billing.states import ProviderName
from opsportal.access import requires
from opsportal.acts import act
from opsportal.components import Chip, chip
from opsportal.keyset import page_of

REPLAY = "billing.reconcile"


@require_safe
@requires("billing.view")
def webhooks(request: HttpRequest) -> HttpResponse:
    form = EventFilter(request.GET)
    found, standing = events.find_events(form.wanted()), intake.figures()
    context = {
        "filter": form, "page": page_of(found.events, request.GET.get("cursor", ""), fields=events.ORDER), "since": found.since,
        "panels": [webhook_drawing.panel(one, has_secret=has_secret(one.provider)) for one in standing],
        "tiles": webhook_drawing.tiles(events.waiting(), standing), "chips": _chips(request), "types": events.types_seen(),
        "is_filtered": any(form.cleaned_data.values()), "may_replay": request.user.has_perm(REPLAY), "most": MOST_AT_ONCE,
    }  # fmt: skip
    return render(request, "billing/webhooks/list.html", context)


def _chips(request: HttpRequest) -> list[Chip]:
    return [
        chip(request, gettext_lazy("Needs a person"), state="person"), chip(request, gettext_lazy("Under way"), state=events.OWED),
        chip(request, gettext_lazy("200 without effect"), effect=events.WITHOUT_EFFECT), *(chip(request, one.label, provider=one.value) for one in ProviderName),
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(REPLAY)
def replay_many(request: HttpRequest) -> HttpResponse:
    """GET asks, POST does it, to what the address narrows it to. A filter that makes no sense would mean more than was asked: an error."""
    form, asked = EventFilter(request.GET), ReplayForm(request.POST or None)
    if not form.is_valid() or not any(form.cleaned_data.values()):
        messages.error(request, _("Nothing is processed again: choose first which events."))
        return redirect("billing_webhooks")
    found = events.to_replay(form.wanted(), MOST_AT_ONCE)
    if request.method == "POST" and asked.is_valid():
        _replay(request, found, asked.cleaned_data["reason"])
        return redirect("billing_webhooks")
    context = {"chosen": form.in_words(), "count": len(found), "most": MOST_AT_ONCE, "form": asked}
    return render(request, "billing/webhooks/replay_many.html", context, status=422 if asked.is_bound else 200)


def _replay(request: HttpRequest, found: list[int], reason: str) -> None:
    done: Any = act(request, actions.replay_events, done="", event_ids=found, reason=reason)
    if done:
        text = ngettext("%(n)d event is being processed again.", "%(n)d events are being processed again.", len(done))
        messages.success(request, text % {"n": len(done)})


@require_safe
@requires("billing.view")
def effects(request: HttpRequest) -> HttpResponse:
    tables = [(one.label, [line for line in TABLE if line.provider == one]) for one in ProviderName]
    return render(
        request, "billing/webhooks/effects.html", {"tables": [(label, lines, any(line.status for line in lines)) for label, lines in tables]}
    )
