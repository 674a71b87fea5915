from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from catalog.actions.held import HELD
from catalog.actions.shown import locked_offer, record_offer, touch
from catalog.fields import Field, said
from catalog.models import Availability, Offer, Price, PriceSource, Status
from catalog.queries.override import shown_of
from opsportal import clock, money
from opsportal.errors import Conflict, Invalid


@transaction.atomic
def take_reading(
    *, actor: Actor, offer_id: int, price: int, list_price: int | None, currency: str, availability: str, read_at: datetime, reason: str = ""
) -> Offer:
    """What the store said at `read_at`, in front of a person: it becomes what is tracked, however far it is from the price before.

    The history gets a row in the person's name where something differs; otherwise the price is confirmed. A price that was held is
    settled by it, an active override stays over it. Raises Conflict for another currency than the offer's, for an archived offer,
    and when somebody or the tracker has written another price since; Invalid for what is no price; NotFound.
    """
    if not 0 < price <= 10**13 or (list_price is not None and not 0 < list_price <= 10**13) or availability not in Availability.values:
        raise Invalid(_("That is no price."))
    offer = locked_offer(offer_id)
    _check(offer, currency, read_at)
    before = {field: getattr(offer, field) for field in Field.values}
    shown = {field: shown_of(offer, field) for field in Field.values}
    offer.price, offer.list_price, offer.availability = price, list_price, availability
    offer.held_price = offer.held_list_price = offer.held_at = offer.dismissed_price = None
    offer.confirmed_at = offer.checked_at = read_at
    offer.failures, offer.error_code, offer.error = 0, "", ""
    offer.version += 1
    offer.save(update_fields=[*Field.values, *HELD, "dismissed_price", "confirmed_at", "checked_at", "failures", "error_code", "error", "version"])
    after = {field: getattr(offer, field) for field in Field.values}
    if before != after:
        Price.objects.create(
            offer=offer, at=clock.now(), price=price, list_price=list_price, currency=currency, availability=availability,
            source=PriceSource.PERSON, by=actor.label,
        )  # fmt: skip
    now = {field: shown_of(offer, field) for field in Field.values}
    changes = {field: (said(shown[field], currency), said(now[field], currency)) for field in Field.values if shown[field] != now[field]}
    changes |= {
        f"tracked_{field}": (said(before[field], currency), said(after[field], currency)) for field in Field.values if before[field] != after[field]
    }
    record_offer(offer, actor, reason.strip(), {**changes, "confirmed": (None, read_at), "version": (offer.version - 1, offer.version)})
    touch(offer, changed=shown != now)
    return offer


def _check(offer: Offer, currency: str, read_at: datetime) -> None:
    if offer.status == Status.ARCHIVED:
        raise Conflict(_("The offer is archived. Restore it first."))
    if currency != offer.currency or not money.known(currency):
        raise Conflict(_("The store's page is in %(page)s, the offer in %(offer)s.") % {"page": currency, "offer": offer.currency})
    newer = offer.prices.filter(at__gt=read_at, held=False).order_by("-at", "-id").first()
    # Confirmed or held since: the tracker has a younger answer, which left no row.
    if newer or any(moment and moment > read_at for moment in (offer.confirmed_at, offer.held_at)):
        price = newer.price if newer else offer.price
        raise Conflict(_("The price was written again since you asked: %(price)s. Ask the store again.") % {"price": said(price, offer.currency)})
