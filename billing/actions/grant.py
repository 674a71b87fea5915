from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from billing.action_types import BillingAction
from billing.models import Checkout, Grant, Plan
from billing.settling.granting import moved
from billing.settling.locking import lock_checkout, lock_customer
from billing.settling.sides import running_grants
from billing.settling.telling import tell_product
from billing.settling.writing import write_grants
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

LONGEST = timedelta(days=731)
LONGEST_KEY = 100


@transaction.atomic
def grant_plan(*, actor: Actor, customer_key: str, plan_key: str, until: datetime, reason: str, checkout_id: str = "") -> Grant:
    """Give a customer a plan by hand, from now until a day that is said. The product is told.

    Raises Invalid without a reason, for an end that is past or more than two years away, and for no customer; NotFound (`plan_unknown`,
    `checkout_unknown`), Conflict (`customer_differs`) where the checkout is another customer's.
    """
    customer_key = customer_key.strip()
    _check(customer_key, until, reason)
    plan = Plan.objects.filter(key=plan_key).first()
    if plan is None:
        raise NotFound(_("There is no such plan."), code="plan_unknown")
    lock_customer(customer_key)
    checkout = _checkout(checkout_id, customer_key) if checkout_id else None
    made = Grant.objects.create(
        customer_key=customer_key, plan=plan, checkout=checkout, source=Grant.Source.HAND, starts_at=clock.now(), until=until,
        granted_by=actor.label[:200], reason=reason.strip(),
    )  # fmt: skip
    _tell(made, "granted_by_hand")
    _record(actor, BillingAction.GRANT_PLAN, made, reason, {"plan": (None, plan.key), "until": (None, until), "customer": (None, customer_key)})
    made.refresh_from_db()
    return made


@transaction.atomic
def end_grant(*, actor: Actor, grant_id: int, reason: str) -> Grant:
    """Take a plan away before its time. A payment that gave it doesn't give it back by itself. The product is told.

    What the same customer has paid for after it begins that much earlier. Raises NotFound, Invalid without a reason, Conflict (`ended`)
    for one that has ended or run out.
    """
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    seen = Grant.objects.filter(pk=grant_id).first()
    if seen is None:
        raise NotFound(_("There is no such plan of a customer."))
    lock_customer(seen.customer_key)
    if seen.checkout_id:
        lock_checkout(pk=seen.checkout_id)
    grant, now = Grant.objects.select_related("plan", "checkout").get(pk=grant_id), clock.now()
    if grant.ended_at or (grant.until and grant.until <= now):
        raise Conflict(_("This plan has ended already."), code="ended")
    grant.ended_at, grant.ended_because = now, Grant.Ended.HAND
    grant.save(update_fields=["ended_at", "ended_because"])
    same = [one for one in running_grants(grant.customer_key) if one.plan.pk == grant.plan_id]
    write_grants(actor, None, moved(same, now), {})
    _tell(grant, "ended_by_hand")
    changes = {"state": ("granted", "ended"), "until": (grant.until, now), "customer": (grant.customer_key, grant.customer_key)}
    _record(actor, BillingAction.END_GRANT, grant, reason, changes)
    return grant


def _check(customer_key: str, until: datetime, reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    if not customer_key or len(customer_key) > LONGEST_KEY or not customer_key.isprintable():
        raise Invalid(_("Say which customer: their key at the product, 100 characters at most."), field="customer_key")
    if until <= clock.now():
        raise Invalid(_("The end lies in the future."), field="until")
    if until > clock.now() + LONGEST:
        raise Invalid(_("Two years at most: give it again when it ends."), field="until")


def _checkout(checkout_id: str, customer_key: str) -> Checkout:
    found = lock_checkout(checkout_id=checkout_id)
    if found is None:
        raise NotFound(_("There is no such checkout."), code="checkout_unknown")
    if found.customer_key not in ("", customer_key):
        raise Conflict(_("This checkout belongs to another customer."), code="customer_differs")
    return found


def _tell(grant: Grant, because: str) -> None:
    checkout = grant.checkout
    tell_product(
        customer_key=grant.customer_key, because=because, checkout_pk=checkout.pk if checkout else None,
        checkout_id=checkout.checkout_id if checkout else "",
    )  # fmt: skip


def _record(actor: Actor, action_type: BillingAction, grant: Grant, reason: str, changes: dict[str, tuple[Any, Any]]) -> None:
    """With the checkout's story where there is one, else with the customer's."""
    entity = ("checkout", grant.checkout.checkout_id) if grant.checkout else ("customer", grant.customer_key)
    record(
        actor=actor, action_type=action_type, entity_type=entity[0], entity_id=entity[1], entity_label=f"{grant.customer_key}: {grant.plan.name}",
        reason=reason, changes=changes,
    )  # fmt: skip
