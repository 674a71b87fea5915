import re
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from billing.action_types import BillingAction
from billing.models import Plan
from opsportal import money
from opsportal.errors import Conflict, Invalid, NotFound

MOST_AMOUNT = 10**15
MOST_DAYS = 3660
MOST_RANK = 1000
FIELDS = ("name", "amount", "currency", "days", "rank", "is_offered")


@transaction.atomic
def create_plan(
    *, actor: Actor, key: str, name: str, amount: int, currency: str = "BRL", days: int = 30, rank: int = 1, is_offered: bool = True, reason: str = ""
) -> Plan:
    """What customers can have. `key` is the product's name for it and stays; `amount` in minor units; `days` is how long a payment lasts.

    Raises Invalid with the field at fault, Conflict (`key_taken`).
    """
    key = key.strip()
    if not re.fullmatch(r"[a-z0-9_-]{1,60}", key):
        raise Invalid(_("A key is made of small letters, digits, hyphens and underscores; 60 at most."), field="key")
    values = _checked(name=name, amount=amount, currency=currency, days=days, rank=rank) | {"is_offered": is_offered}
    made = Plan(key=key, **values)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Conflict(_("Another plan has this key."), code="key_taken") from None
    _record(actor, made, reason, {name: (None, value) for name, value in {"key": key, **values, "version": 1}.items()})
    return made


@transaction.atomic
def change_plan(
    *, actor: Actor, plan_id: int, version: int, name: str, amount: int, currency: str, days: int, rank: int, is_offered: bool, reason: str = ""
) -> Plan:
    """Change what it costs and how long it lasts from now on: what customers have stays as it is, and so do checkouts that were begun.

    `version`: the one that was seen; another one raises Conflict (`stale`). Raises NotFound, Invalid, Conflict (`unchanged`).
    """
    plan = Plan.objects.select_for_update(no_key=True).filter(pk=plan_id).first()
    if plan is None:
        raise NotFound(_("There is no such plan."))
    if plan.version != version:
        raise Conflict(_("Somebody changed this plan meanwhile. Nothing is overwritten: open it again."), code="stale", version=plan.version)
    wanted = _checked(name=name, amount=amount, currency=currency, days=days, rank=rank) | {"is_offered": is_offered}
    changed = {field: value for field, value in wanted.items() if getattr(plan, field) != value}
    if not changed:
        raise Conflict(_("Nothing to change: it is like that already."), code="unchanged")
    changes = {field: (getattr(plan, field), value) for field, value in changed.items()} | {"version": (plan.version, plan.version + 1)}
    for field, value in (changed | {"version": plan.version + 1}).items():
        setattr(plan, field, value)
    plan.save(update_fields=[*changed, "version"])
    _record(actor, plan, reason, changes)
    return plan


def _checked(*, name: str, amount: int, currency: str, days: int, rank: int) -> dict[str, Any]:
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise Invalid(_("A name of 1 to 100 characters."), field="name")
    if not money.known(currency):
        raise Invalid(_("There is no such currency."), field="currency")
    if not 0 <= amount <= MOST_AMOUNT:
        raise Invalid(_("That is no amount."), field="amount")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(_("From 1 to %(most)s days.") % {"most": MOST_DAYS}, field="days")
    if not 0 <= rank <= MOST_RANK:
        raise Invalid(_("From 0 to %(most)s.") % {"most": MOST_RANK}, field="rank")
    return {"name": name, "amount": amount, "currency": currency, "days": days, "rank": rank}


def _record(actor: Actor, plan: Plan, reason: str, changes: dict[str, tuple[Any, Any]]) -> None:
    record(
        actor=actor, action_type=BillingAction.UPSERT_PLAN, entity_type="plan", entity_id=plan.pk, entity_label=plan.name, reason=reason,
        changes=changes,
    )  # fmt: skip
