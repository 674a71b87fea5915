from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from health import probe_words
from health.models import ProbeFlip, ProbeResult, Standing
from health.probing.looking import Outcome
from health.queries.probe import TONES

register = template.Library()


@register.filter
def seconds(milliseconds: float | None) -> str:
    """“0.84 s”."""
    return "" if milliseconds is None else probe_words.seconds(milliseconds)


@register.filter
def percent(value: float) -> str:
    """“99.8 %”: never rounded up to 100."""
    shown = value if value == 100 else min(round(value, 1), 99.9)
    return _("%(value)s %%") % {"value": number_format(shown, 0 if shown == 100 else 1)}


@register.filter
def flip_tone(flip: ProbeFlip) -> str:
    return TONES[Standing(flip.after)]


@register.filter
def flip_words(flip: ProbeFlip) -> str:
    """Why it became so."""
    if flip.fault:
        return probe_words.why(flip.fault, flip.facts)
    return _("it answered as expected") if flip.after == Standing.UP else _("it was resumed")


@register.filter
def result_tone(result: ProbeResult) -> str:
    return "fail" if not result.ok else "warn" if result.is_slow else "ok"


@register.filter
def result_word(result: ProbeResult) -> str:
    if not result.ok:
        return pgettext("probe", "failed")
    return pgettext("probe", "slow") if result.is_slow else pgettext("probe", "as expected")


@register.filter
def result_why(result: ProbeResult | Outcome) -> str:
    return probe_words.why(result.fault, {**result.facts, "step": result.step})


register.filter("outcome_why", result_why)
