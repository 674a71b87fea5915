"""The components' tags. A builtin library: templates use these without {% load %}. /ops/style shows them all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name, localtime
from django.utils.translation import gettext as _

from opsportal import charts, clock, relative
from opsportal.components import Check, Tile
from opsportal.frame import Part
from opsportal.keyset import Page
from opsportal.money import in_words

register = template.Library()

TONES = ("ok", "warn", "fail", "unknown", "off")
_MESSAGE_TONES = {"error": "fail", "warning": "warn", "success": "ok"}
_MESSAGE_ICONS = {"info": "info", "stopped": "stop"}


@register.simple_tag
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """A drawing from the sprite. Without `label` it is decoration, hidden from screen readers."""
    href = f"{static('icons.svg')}#{name}"
    names = "i" if not classes else classes if classes.startswith("brand") else f"i {classes}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', names, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', names, href)


@register.simple_tag
def shape(tone: str, classes: str = "") -> SafeString:
    """The outline that belongs to a tone, so that it reads without color: ok, warn, fail, unknown, off; info; stopped."""
    if tone in TONES:
        return icon(f"s-{tone}", f"tone is-{tone} {classes}".strip())
    return icon(_MESSAGE_ICONS[tone], classes) if tone in _MESSAGE_ICONS else SafeString("")


@register.inclusion_tag("components/status.html")
def status(tone: str, word: str) -> dict[str, str]:
    """A status: shape and word; the color repeats what both say."""
    return {"tone": tone, "word": word}


@register.filter
def message_tone(level_tag: str) -> str:
    """django.contrib.messages' levels in our tones."""
    return _MESSAGE_TONES.get(level_tag, "info")


@register.filter
def shown(value: Any) -> str:
    """A value of the audit log as people write it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in value) or _("empty")
    return _("empty") if value == "" else str(value)


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Minor units as the reader's language writes them; a dash for None."""
    return in_words(minor, currency)


@register.simple_tag
def when(value: datetime | None, form: str = "relative") -> SafeString:
    """A moment: how long ago (or until), the exact time on hover and in print. form="clock" writes 14:02:11 instead."""
    if value is None:
        return format_html('<span class="faint">{}</span>', _("never"))
    local = localtime(value)
    exact = f"{date_format(local, 'EXACT_FORMAT')} ({get_current_timezone_name()})"
    if form == "clock":
        return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, date_format(local, "CLOCK_FORMAT"))
    words = relative.words(value, clock.now())
    return format_html('<time class="when" datetime="{}" title="{}" data-relative>{}</time>', value.isoformat(), exact, words)


@register.simple_tag
def zone_in_words() -> str:
    """The zone in which times are shown: “America/Sao_Paulo, UTC−03:00”."""
    offset = localtime(clock.now()).strftime("%z")
    return f"{get_current_timezone_name()}, UTC{offset[:3]}:{offset[3:]}".replace("-", "−")


@register.simple_tag
def copyable(value: object, what: str = "") -> SafeString:
    """An id in fixed width with a button that copies it; `what` names it for screen readers ("invite")."""
    label = _("Copy %(what)s %(value)s") % {"what": what, "value": value} if what else _("Copy %(value)s") % {"value": value}
    return format_html(
        '<span class="id"><span>{}</span><button class="copy" type="button" data-copy="{}" data-copied="{}" aria-label="{}">{}</button></span>',
        value, value, _("Copied"), label, icon("copy"),
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def part(context: Context, part: Part) -> SafeString:
    """Renders what an app registered for the frame or for Today."""
    assert context.template is not None
    with context.push(**part.context):
        return context.template.engine.get_template(part.template).render(context)


@register.simple_block_tag
def notice(content: str, tone: str = "info", role: str = "note") -> SafeString:
    """Something to know about this page. Only warn and fail are tinted."""
    return format_html('<div class="notice is-{}" role="{}">{}<div>{}</div></div>', tone, role, shape(tone), content)


@register.inclusion_tag("components/reason.html")
def reason_field(
    label: str = "", hint: str = "", value: str = "", *, name: str = "reason", id: str = "reason", optional: bool = False
) -> dict[str, Any]:
    """Why someone does this; required unless `optional`. `id` must be unique in the page."""
    return {"label": label, "hint": hint, "value": value, "name": name, "id": id, "optional": optional}


@register.inclusion_tag("components/empty.html")
def nothing(heading: str, text: str = "", *, icon: str = "note", url: str = "", label: str = "", primary: bool = False) -> dict[str, Any]:
    """An empty list: says so, what to do, and where."""
    return {"heading": heading, "text": text, "icon": icon, "url": url, "label": label, "primary": primary}


@register.inclusion_tag("components/tile.html")
def tile(tile: Tile) -> dict[str, Any]:
    """A figure, its state, its limit in words, its recent course. Tiles stand in <div class="tiles">."""
    return {"tile": tile}


@register.inclusion_tag("components/checkline.html")
def checkline(check: Check) -> dict[str, Any]:
    return {"check": check}


@register.inclusion_tag("components/progress.html")
def progress(label: str, done: int, total: int, unit: str, *, elapsed: str, limit: str) -> dict[str, Any]:
    """A run under way, and that it can be left."""
    return {"label": label, "done": done, "total": total, "unit": unit, "elapsed": elapsed, "limit": limit}


@register.inclusion_tag("components/diff.html")
def diff(changes: dict[str, Sequence[Any]], caption: str = "", labels: dict[str, str] | None = None) -> dict[str, Any]:
    """Before and after, from the audit log's {field: [before, after]}."""
    rows = [{"label": (labels or {}).get(field, field), "before": pair[0], "after": pair[1]} for field, pair in changes.items()]
    return {"rows": rows, "caption": caption or _("What changed")}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Page[Any], note: str = "") -> dict[str, Any]:
    """Newer and older, keeping the page's filters. Nothing where the list fits on one page and there is no note."""
    return {"page": page, "note": note, "request": context["request"]}


@register.inclusion_tag("components/chips.html")
def chips(items: Sequence[Any], label: str = "") -> dict[str, Any]:
    """Filters: opsportal.components.Chip, those that are on first."""
    return {"items": sorted(items, key=lambda chip: not chip.on), "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(events: Sequence[Any], seconds: bool = False) -> dict[str, Any]:
    """opsportal.components.Event, in the order given."""
    return {"events": events, "seconds": seconds}


@register.inclusion_tag("components/stepper.html")
def stepper(steps: Sequence[str], current: int) -> dict[str, Any]:
    """Where a person is in a sequence; `current` counts from 1."""
    states = ("done", "now", "later")
    return {"steps": [(number, word, states[(number >= current) + (number > current)]) for number, word in enumerate(steps, 1)], "current": current}


@register.inclusion_tag("components/meter.html")
def meter(value: float, limit: float, mark: float | None = None, label: str = "", unit: str = "") -> dict[str, Any]:
    """How much of a limit is used, with the mark at which it warns."""
    return charts.meter(value, limit, mark) | {"label": label, "unit": unit, "value": value, "limit": limit}


@register.inclusion_tag("components/seat_map.html")
def seat_map(taken: int, cap: int, now: int = 0, mark: int | None = None) -> dict[str, Any]:
    """One cell a seat; the last `now` of those taken are pale (today's); the line stands at `mark`."""
    return charts.seat_map(taken, cap, now, mark)


@register.inclusion_tag("components/bars.html")
def bars(rows: Sequence[tuple[str, float]]) -> dict[str, Any]:
    """Lengths side by side, each with its figure in words: [(label, figure)]."""
    return {"rows": charts.shares(rows)}


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[float | None], title: str, limit: float | None = None) -> dict[str, Any]:
    """A small line for a tile; a None is a gap, never a zero."""
    return {"chart": charts.sparkline(values, limit), "title": title}


@register.inclusion_tag("components/chart.html")
def chart(drawing: charts.Chart) -> dict[str, Any]:
    """A chart of opsportal.charts, with its figures behind "Show data"."""
    return {"chart": drawing}


@register.simple_block_tag(takes_context=True)
def confirm(context: Context, content: str, *, name: str, heading: str, action: str, act: str, **options: Any) -> SafeString:
    """A question before an act, around the form's own fields. Options: points (list of sentences), safe and safe_url (the way out),
    tone ("stop" for the red button), act_icon, opened (shown in the page: without JavaScript), focus="act" where the act itself is the safe choice."""
    chosen = {"safe": _("Cancel"), "safe_url": reverse("today"), "points": [], "tone": "", "act_icon": "", "opened": False, "focus": "safe"} | options
    values = chosen | {"name": name, "heading": heading, "action": action, "act": act, "content": content}
    assert context.template is not None
    with context.push(**values):
        return context.template.engine.get_template("components/confirm.html").render(context)
