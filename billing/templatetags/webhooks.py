"""How webhook events read in lists and on their page."""

from django import template
from django.utils.translation import gettext as _

from billing.effects import EffectKind
from billing.models import WebhookEvent
from billing.queries.event import TELLING_REASONS
from billing.states import EventState
from billing.webhook_drawing import duration, reason_words
from billing.wording import effect_in_words
from opsportal import clock

register = template.Library()

TONES = {EventState.DONE: "ok", EventState.HANDLED: "ok", EventState.PERSON: "fail", EventState.WAITING: "warn", EventState.RECEIVED: "unknown"}


@register.filter
def event_tone(event: WebhookEvent) -> str:
    """Answered and processed, and yet no plan of it: that is to be looked at."""
    if event.state == EventState.DONE and event.effect == EffectKind.NONE and event.effect_reason in TELLING_REASONS:
        return "warn"
    return TONES.get(EventState(event.state), "unknown")


@register.filter
def effect_words(event: WebhookEvent) -> str:
    """What it did, in a sentence; "" while that is not known."""
    return effect_in_words(event.effect, event.effect_reason, event.effect_facts)


@register.filter
def processed_after(event: WebhookEvent) -> str:
    """How long it took from its coming to its effect."""
    return duration((event.processed_at - event.received_at).total_seconds()) if event.processed_at else ""


@register.filter
def is_due(event: WebhookEvent) -> bool:
    """Whether its next try is not put off any more."""
    return event.next_at is not None and event.next_at <= clock.now()


@register.filter
def refusal_words(reason: str) -> str:
    return reason_words(reason)


@register.filter
def signed_words(event: WebhookEvent) -> str:
    if event.source == WebhookEvent.Source.ASKED:
        return _("It never came: it was found in the provider's own list.")
    if not event.is_signed:
        return _("not signed")
    return {"current": _("right, by the current secret"), "previous": _("right, by the secret of before")}.get(event.signed_by, _("right"))
