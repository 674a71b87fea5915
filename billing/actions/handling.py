from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from billing.action_types import BillingAction
from billing.models import Checkout, Finding
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

LONGEST_NOTE = 500


@transaction.atomic
def handle_checkout(*, actor: Actor, checkout_id: str, reason: str) -> Checkout:
    """A person looked at the checkout and leaves it as it is: the note stands on its page, its open findings count no more.

    No money, plan or state is moved. Raises Invalid without a note, Conflict when the same note stands already, NotFound.
    """
    note = reason.replace("\x00", "").strip()
    if not note:
        raise Invalid(_("Write what was done about it."), field="reason")
    if len(note) > LONGEST_NOTE:
        raise Invalid(_("500 characters at most."), field="reason")
    checkout = Checkout.objects.select_for_update(no_key=True).filter(checkout_id=checkout_id).first()
    if checkout is None:
        raise NotFound(_("There is no such checkout."))
    waiting = Finding.objects.filter(checkout=checkout, closed_at=None, handled_at=None)
    if checkout.handled_note == note and not waiting.exists():
        raise Conflict(_("It is marked as handled with the same note already."), code="nothing_to_do")
    now = clock.now()
    kinds = sorted(waiting.values_list("kind", flat=True))
    waiting.update(handled_at=now, handled_by=actor.label, handled_note=note)
    before = checkout.handled_note
    checkout.handled_at, checkout.handled_by, checkout.handled_note = now, actor.label, note
    checkout.save(update_fields=["handled_at", "handled_by", "handled_note"])
    record(
        actor=actor, action_type=BillingAction.HANDLE_CHECKOUT, entity_type="checkout", entity_id=checkout.checkout_id, entity_label=str(checkout),
        reason=note, changes={"note": (before or None, note), "findings_handled": (None, kinds or None)},
    )  # fmt: skip
    return checkout
