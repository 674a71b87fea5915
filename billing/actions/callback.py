from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from billing.action_types import BillingAction
from billing.models import Callback
from billing.settling.locking import lock_checkout
from billing.settling.telling import tell_product
from opsportal.errors import Conflict, Invalid, NotFound


@transaction.atomic
def resend_callback(*, actor: Actor, checkout_id: str, reason: str) -> Callback:
    """Tell the product the customer's state of now, once more, as a new callback: an old one would say what is no longer true.

    Raises NotFound, Conflict (`no_customer`), Invalid without a reason. Without PRODUCT_BACKEND_URL nothing is sent: its message_id is empty.
    """
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    checkout = lock_checkout(checkout_id=checkout_id)
    if checkout is None:
        raise NotFound(_("There is no such checkout."), code="checkout_unknown")
    if not checkout.customer_key:
        raise Conflict(_("This checkout has no customer yet: there is nothing to tell the product."), code="no_customer")
    made = tell_product(customer_key=checkout.customer_key, because="resent", checkout_pk=checkout.pk, checkout_id=checkout.checkout_id)
    changes = {"version": (None, made.version), "plan": (None, made.payload["plan"]), "valid_until": (None, made.payload["valid_until"])}
    record(
        actor=actor, action_type=BillingAction.RESEND_CALLBACK, entity_type="checkout", entity_id=checkout.checkout_id,
        entity_label=checkout.checkout_id, reason=reason, changes=changes,
    )  # fmt: skip
    return made
