"""How an offer reads in lists. An offer here carries what is shown of it (`with_shown`)."""

from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import Availability
from catalog.queries.offer import STALE
from opsportal import clock

register = template.Library()

BUCKET_TONES = {"safe": "ok", "watch": "warn", "risky": "fail"}
STORE_WORDS = {"ok": _("answers"), "warn": _("some fail"), "fail": _("most fail"), "unknown": _("not known yet"), "off": _("not asked")}
# Label, and the page's name; those that are not there are left out. A page belongs to the first tab whose names its own begins with.
TABS = (
    (_("Products"), "catalog", ("catalog_product",)),
    (_("Offers"), "offers", ("offer_create", "offer_pick", "offer_edit", "offer_archive", "offer_restore")),
    (_("Stores"), "catalog_stores", ("catalog_store",)),
    (_("Overrides"), "offer_overrides", ()),
    (_("Imports"), "catalog_imports", ("catalog_import",)),
)


@register.filter
def bucket_tone(bucket: str) -> str:
    return BUCKET_TONES.get(bucket, "unknown")


@register.filter
def availability_word(availability: str) -> str:
    return str(Availability(availability).label)


@register.filter
def discount(offer: Any) -> int | None:
    """Whole per cent that the shown price lies under the shown list price; None where it doesn't."""
    if not offer.shown_price or not offer.shown_list_price or offer.shown_list_price <= offer.shown_price:
        return None
    return int((offer.shown_list_price - offer.shown_price) * 100 // offer.shown_list_price)


@register.filter
def is_stale(confirmed_at: datetime | None) -> bool:
    return confirmed_at is not None and confirmed_at < clock.now() - STALE


@register.filter
def store_word(tone: str) -> str:
    return str(STORE_WORDS[tone])


@register.inclusion_tag("catalog/_tabs.html", takes_context=True)
def catalog_tabs(context: Context) -> dict[str, Any]:
    """The catalog's lists, side by side."""
    return {"tabs": tabs_of(context["request"])}


def tabs_of(request: HttpRequest) -> list[tuple[Any, str, bool]]:
    name = request.resolver_match.url_name or "" if request.resolver_match else ""
    tabs = []
    for label, url_name, parts in TABS:
        try:
            tabs.append((label, reverse(url_name), name == url_name or name.startswith(parts) if parts else name == url_name))
        except NoReverseMatch:
            continue
    return tabs
