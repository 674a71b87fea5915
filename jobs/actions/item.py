from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from jobs.action_types import JobAction
from jobs.models import FailedItem, ItemState
from opsportal.errors import Conflict, Invalid, NotFound


@transaction.atomic
def set_item_aside(*, actor: Actor, item_id: int, reason: str) -> FailedItem:
    """A person looked after it: it is not tried again by itself. A later run that meets it may list it anew. Raises NotFound, Conflict, Invalid."""
    reason = reason.replace("\x00", "").strip()[:500]
    if not reason:
        raise Invalid(_("Say why in a sentence."), field="reason")
    item = FailedItem.objects.select_for_update(no_key=True).filter(pk=item_id).first()
    if item is None:
        raise NotFound(_("There is no such failed item."))
    if item.state == ItemState.SETTLED:
        raise Conflict(_("This item is done already."))
    before, item.state, item.next_try_at = item.state, ItemState.SETTLED, None
    item.save(update_fields=["state", "next_try_at"])
    record(
        actor=actor, action_type=JobAction.SET_ITEM_ASIDE, entity_type="run", entity_id=item.run_id, entity_label=str(item), reason=reason,
        changes={"state": (before, item.state)},
    )  # fmt: skip
    return item
