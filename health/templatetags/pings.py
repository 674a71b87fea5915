from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

from health import words
from health.models import Kind, PingEvent, PingFlip, Verdict

register = template.Library()

_TONES = {Kind.SUCCESS: "ok", Kind.START: "off", Kind.LOG: "off", Kind.FAIL: "fail"}


@register.filter
def took(value: timedelta) -> str:
    """How long a run took."""
    return words.duration(value)


@register.filter
def span(value: timedelta) -> str:
    """A period or a grace time."""
    return words.span(value)


@register.filter
def event_tone(event: PingEvent) -> str:
    return _TONES[Kind(event.kind)]


@register.filter
def event_word(event: PingEvent) -> str:
    """“success”, “started”, “log”, “failure”, “exit status 3”."""
    if event.exit_status:
        return _("exit status %(status)d") % {"status": event.exit_status}
    return str(event.get_kind_display())


@register.filter
def flip_tone(flip: PingFlip) -> str:
    return {Verdict.UP: "ok", Verdict.DOWN: "fail", Verdict.NEW: "unknown"}[Verdict(flip.after)]


@register.filter
def flip_words(flip: PingFlip) -> str:
    return words.reason(flip.why, flip.exit_status)
