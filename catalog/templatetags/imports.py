"""States and effects of imports as people read them."""

from django import template

from catalog.models import Import

register = template.Library()

_TONES = {
    "reading": "unknown", "ready": "warn", "applying": "unknown", "applied": "ok", "undoing": "unknown", "undone": "off", "discarded": "off",
    "failed": "fail",
}  # fmt: skip
_EFFECT_TONES = {"new": "ok", "changed": "ok", "unchanged": "off", "refused": "fail"}


@register.inclusion_tag("components/status.html")
def import_status(job: Import) -> dict[str, str]:
    return {"tone": _TONES[job.state], "word": job.get_state_display()}


@register.filter
def effect_tone(effect: str) -> str:
    return _EFFECT_TONES[effect]
