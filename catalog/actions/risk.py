"""The risk of an offer: on a person's word, and whenever what is shown of it changes."""

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from catalog.action_types import CatalogAction
from catalog.actions.shown import locked_offer
from catalog.models import Offer, Status
from catalog.queries.risk import NOBODY_KNOWS, frozen
from catalog.risk.writing import recalculate
from opsportal.errors import Conflict

__all__ = ["check_risk", "recalculate"]


@transaction.atomic
def check_risk(*, actor: Actor, offer_id: int, reason: str = "") -> Offer:
    """Calculate the offer's risk now, and record what it was and what it is; also when it came out the same.

    Raises Conflict while risk is frozen (ENABLE_ANTI_CILADA is off) and for an archived offer, NotFound.
    """
    offer = locked_offer(offer_id)
    if offer.status == Status.ARCHIVED:
        raise Conflict(_("The offer is archived, so nothing of it is shown. Restore it first."))
    before = _risk_of(offer)
    if not recalculate([offer.pk]):
        why = (frozen() or NOBODY_KNOWS).words
        raise Conflict(_("The risk is frozen, so nothing was calculated. %(why)s") % {"why": why}, code="risk_frozen")
    offer.refresh_from_db()
    after = _risk_of(offer)
    record(
        actor=actor, action_type=CatalogAction.CALC_RISK, entity_type="offer", entity_id=offer.pk, entity_label=str(offer), reason=reason.strip(),
        changes={field: (before[field], after[field]) for field in after},
    )  # fmt: skip
    return offer


def _risk_of(offer: Offer) -> dict[str, object]:
    """As the audit log keeps it; nothing where it was never calculated."""
    if offer.risk_at is None:
        return {"score": None, "bucket": None, "reasons": None}
    return {"score": offer.risk_score, "bucket": offer.bucket, "reasons": ", ".join(reason["code"] for reason in offer.risk_reasons)}
