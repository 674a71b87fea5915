import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from billing.action_types import BillingAction
from billing.models import Checkout, Plan
from billing.settling.changing import for_audit
from billing.settling.locking import lock_checkout, lock_customer, lock_reference
from billing.settling.writing import write
from billing.states import ProviderName
from opsportal import clock, money
from opsportal.errors import Conflict, Invalid, NotFound

MOST_AMOUNT = 10**15
LONGEST = {"checkout_id": 100, "customer_key": 100, "session_id": 200, "email": 200}
SAID = ("provider", "amount", "currency", "customer_key", "email", "session_id", "expires_at")


@dataclass(frozen=True, slots=True)
class NewCheckout:
    """A checkout as the product began it: `amount` in minor units of `currency`. What is not known yet is empty."""

    checkout_id: str
    provider: str
    amount: int
    currency: str
    plan: str = ""
    customer_key: str = ""
    email: str = ""
    session_id: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def hash(self) -> str:
        """Tells the same checkout again from another one under the same id."""
        said = {
            name: str(getattr(self, name))
            for name in ("checkout_id", "provider", "amount", "currency", "plan", "customer_key", "email", "session_id")
        }
        moments = [at.timestamp() if at else None for at in (self.created_at, self.expires_at)]
        return hashlib.sha256(json.dumps([said, moments], sort_keys=True).encode()).hexdigest()


@transaction.atomic
def record_checkout(*, actor: Actor, checkout: NewCheckout, client_id: int | None = None) -> tuple[Checkout, bool]:
    """Keep a checkout that the product began, and settle money that came for it before. Returns it, and whether it is new.

    The same again gives the first one as it is, without a second audit row. Raises Conflict (`checkout_mismatch`) when it says something
    else now, Conflict (`session_taken`), NotFound (`plan_unknown`), Invalid with the field at fault.
    """
    _check(checkout)
    # Its money may be coming in at this very moment.
    lock_reference(checkout.checkout_id)
    if checkout.customer_key:
        lock_customer(checkout.customer_key)
    known = Checkout.objects.filter(checkout_id=checkout.checkout_id).first()
    if known is not None:
        if known.request_hash != checkout.hash:
            raise Conflict(_("This checkout was recorded before, and said something else."), code="checkout_mismatch", checkout_id=known.checkout_id)
        return known, False
    plan = _plan(checkout.plan)
    now = clock.now()
    made = Checkout(
        checkout_id=checkout.checkout_id, plan=plan, client_id=client_id, request_hash=checkout.hash, created_at=checkout.created_at or now,
        linked_at=now if checkout.customer_key else None, **{name: getattr(checkout, name) for name in SAID},
    )  # fmt: skip
    _save(made)
    settled = write(actor=actor, checkout_pk=made.pk)
    changes: dict[str, tuple[Any, Any]] = {name: (None, getattr(made, name)) for name in SAID if getattr(made, name) not in ("", None)}
    _record(actor, BillingAction.RECORD_CHECKOUT, made, changes | {"plan": (None, checkout.plan or None)} | for_audit(settled.decision.changes))
    made.refresh_from_db()
    return made, True


@transaction.atomic
def link_checkout(*, actor: Actor, checkout_id: str, customer_key: str = "", email: str = "", session_id: str = "") -> Checkout:
    """Say what was not known when the checkout began; settle at once with what is known here: no provider is asked.

    What stands there already may be said again. Raises NotFound (`checkout_unknown`), Conflict (`customer_differs`, `session_differs`,
    `session_taken`), Invalid. An email that is known stays: it is for people who search.
    """
    said = {"customer_key": customer_key.strip(), "email": email.strip(), "session_id": session_id.strip()}
    _check_texts(**said)
    if said["customer_key"]:
        lock_customer(said["customer_key"])
    checkout = lock_checkout(checkout_id=checkout_id)
    if checkout is None:
        raise NotFound(_("There is no such checkout."), code="checkout_unknown")
    for name, code, text in (
        ("customer_key", "customer_differs", _("This checkout belongs to another customer.")),
        ("session_id", "session_differs", _("This checkout has another page at the provider.")),
    ):
        if said[name] and getattr(checkout, name) not in ("", said[name]):
            raise Conflict(text, code=code)
    new = {name: value for name, value in said.items() if value and not getattr(checkout, name)}
    if not new:
        return checkout
    for name, value in new.items():
        setattr(checkout, name, value)
    if "customer_key" in new:
        checkout.linked_at = clock.now()
    checkout.updated_at = clock.now()
    _save(checkout, [*new, "linked_at", "updated_at"])
    settled = write(actor=actor, checkout_pk=checkout.pk)
    changes: dict[str, tuple[Any, Any]] = {name: ("", value) for name, value in new.items()}
    _record(actor, BillingAction.LINK_CHECKOUT, checkout, changes | for_audit(settled.decision.changes))
    checkout.refresh_from_db()
    return checkout


def _check(checkout: NewCheckout) -> None:
    name = checkout.checkout_id
    if not name or not name.isascii() or not name.isprintable() or " " in name or "/" in name:
        raise Invalid(_("A checkout needs an id of 1 to 100 plain characters, without spaces and slashes."), field="checkout_id")
    _check_texts(checkout_id=name, customer_key=checkout.customer_key, email=checkout.email, session_id=checkout.session_id)
    if checkout.provider not in ProviderName.values:
        raise Invalid(_("There is no such payment provider."), field="provider")
    if not 0 <= checkout.amount <= MOST_AMOUNT:
        raise Invalid(_("That is no amount."), field="amount")
    if not money.known(checkout.currency):
        raise Invalid(_("There is no such currency."), field="currency")


def _check_texts(**texts: str) -> None:
    for name, value in texts.items():
        if len(value) > LONGEST[name] or not value.isprintable():
            raise Invalid(_("It has %(most)s printable characters at most.") % {"most": LONGEST[name]}, field=name)
    if texts.get("email"):
        try:
            validate_email(texts["email"])
        except ValidationError:
            raise Invalid(_("That is no email address."), field="email") from None


def _plan(key: str) -> Plan | None:
    if not key:
        return None
    found = Plan.objects.filter(key=key).first()
    if found is None:
        raise NotFound(_("There is no such plan."), code="plan_unknown")
    return found


def _save(checkout: Checkout, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            checkout.save(update_fields=fields, force_insert=fields is None)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != "checkout_session_once":
            raise
        raise Conflict(_("Another checkout has this page at the provider."), code="session_taken") from None


def _record(actor: Actor, action_type: BillingAction, checkout: Checkout, changes: dict[str, tuple[Any, Any]]) -> None:
    record(
        actor=actor, action_type=action_type, entity_type="checkout", entity_id=checkout.checkout_id, entity_label=checkout.checkout_id,
        changes=changes,
    )  # fmt: skip
