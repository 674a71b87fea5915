"""What every act that changes what is shown of an offer does: lock it, record it, say when, and have its risk calculated again."""

from datetime import datetime

from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from catalog.action_types import CatalogAction
from catalog.models import Offer, Status
from catalog.risk.writing import recalculate
from opsportal import clock
from opsportal.errors import Invalid, NotFound

LONGEST_REASON = 500


def locked_offer(offer_id: int) -> Offer:
    """The offer, locked against every other writer until the end of the transaction. Raises NotFound."""
    offer = Offer.objects.select_for_update(no_key=True).filter(pk=offer_id).first()
    if offer is None:
        raise NotFound(_("There is no such offer."))
    return offer


def record_offer(offer: Offer, actor: Actor, reason: str, changes: Changes) -> None:
    record(
        actor=actor, action_type=CatalogAction.UPSERT_OFFER, entity_type="offer", entity_id=offer.pk, entity_label=str(offer), reason=reason,
        changes=changes,
    )  # fmt: skip


def touch(offer: Offer, *, changed: bool) -> None:
    """What is shown has changed now, unless it came out the same; the risk depends on the override itself, too."""
    if changed:
        mark_changed(offer, clock.now())
    recalculate([offer.pk])


def mark_changed(offer: Offer, at: datetime) -> None:
    """What is shown changed at that moment; nothing where it changed again since, or where nothing is shown.

    The moment of an archived offer tells which ones come back with their product.
    """
    if offer.status == Status.ACTIVE and offer.updated_at < at:
        offer.updated_at = at
        offer.save(update_fields=["updated_at"])


def needed(reason: str) -> str:
    """Raises Invalid without a reason."""
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise Invalid(_("Say why in a sentence."), field="reason")
    return reason[:LONGEST_REASON]
