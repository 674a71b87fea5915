"""A reading too far from the one before waits on the offer for a person, who takes it over or sends it away."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from catalog.actions.shown import locked_offer, record_offer, touch
from catalog.fields import Field, said
from catalog.models import Offer, Price, PriceSource
from catalog.queries.override import shown_of
from opsportal import clock
from opsportal.errors import Conflict

HELD = ("held_price", "held_list_price", "held_at")
VALIDATORS = ("etag", "last_modified")


@transaction.atomic
def accept_held_price(*, actor: Actor, offer_id: int, seen: int | None = None, reason: str = "") -> Offer:
    """The reading is right: it becomes what is tracked, from now on, with a row in the history. An active override stays over it.

    `seen`: the held price that the person saw, in minor units; Conflict if another one waits by now, or none. NotFound.
    """
    offer = _waiting(offer_id, seen)
    before = {field: getattr(offer, field) for field in (Field.PRICE, Field.LIST_PRICE)}
    shown = {field: shown_of(offer, field) for field in before}
    price = offer.held_price or 0
    offer.price, offer.list_price = price, offer.held_list_price
    offer.confirmed_at = max(filter(None, (offer.confirmed_at, offer.held_at)))
    offer.error_code = offer.error = ""
    offer.version += 1
    _clear(offer, "price", "list_price", "confirmed_at", "error_code", "error", "version")
    Price.objects.create(
        offer=offer, at=clock.now(), price=price, list_price=offer.list_price, currency=offer.currency, availability=offer.availability,
        source=PriceSource.PERSON, by=actor.label,
    )  # fmt: skip
    now = {field: shown_of(offer, field) for field in before}
    changes: dict[str, Any] = {
        field: (said(shown[field], offer.currency), said(now[field], offer.currency)) for field in before if shown[field] != now[field]
    }
    changes |= {
        f"tracked_{field}": (said(before[field], offer.currency), said(getattr(offer, field), offer.currency))
        for field in before if before[field] != getattr(offer, field)
    }  # fmt: skip
    record_offer(
        offer, actor, reason.strip(),
        changes | {"held_price": (said(offer.price, offer.currency), None), "version": (offer.version - 1, offer.version)},
    )  # fmt: skip
    touch(offer, changed=shown != now)
    return offer


@transaction.atomic
def dismiss_held_price(*, actor: Actor, offer_id: int, seen: int | None = None, reason: str = "") -> Offer:
    """The reading is wrong: what is tracked stays, and the same price is not held again until the page says something else. The history
    keeps the reading, marked as held. Raises as accept_held_price()."""
    offer = _waiting(offer_id, seen)
    held = said(offer.held_price, offer.currency)
    offer.dismissed_price = offer.held_price
    _clear(offer, "dismissed_price")
    record_offer(offer, actor, reason.strip(), {"held_price": (held, None)})
    touch(offer, changed=False)
    return offer


def _waiting(offer_id: int, seen: int | None) -> Offer:
    offer = locked_offer(offer_id)
    if offer.held_at is None or offer.held_price is None:
        raise Conflict(_("No price waits for a decision any more."))
    if seen is not None and offer.held_price != seen:
        raise Conflict(_("Another price waits by now: %(price)s. Look at it, and decide again.") % {"price": said(offer.held_price, offer.currency)})
    return offer


def _clear(offer: Offer, *fields: str) -> None:
    offer.held_price = offer.held_list_price = offer.held_at = None
    # “Not modified” is said of the page that was held: the next look reads it anew.
    offer.etag = offer.last_modified = ""
    offer.save(update_fields=[*HELD, *VALIDATORS, *fields])
