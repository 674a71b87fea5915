from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from beta.models import Household
from catalog.action_types import CatalogAction
from catalog.fields import said
from catalog.models import Profile, Store
from opsportal import clock, money
from opsportal.errors import Conflict, Invalid, NotFound

MOST_CATEGORIES = 50
LONGEST_CATEGORY = 60
MOST_EXCLUDED = 100
# Far above any price, far below what the column holds.
MOST_PRICE = 10**15
FIELDS = ("categories", "excluded_stores", "max_price", "currency", "min_saving")


@transaction.atomic
def change_wishes(
    *, actor: Actor, household_id: UUID, categories: Sequence[str] = (), excluded_stores: Sequence[int] = (), max_price: int | None = None,
    currency: str = "BRL", min_saving: int | None = None, reason: str = "",
) -> Profile:  # fmt: skip
    """Say what a household wants to see: all of it, what is left out means no limit. `max_price` in minor units of `currency`,
    `min_saving` in per cent (1 to 99) under the 90-day median.

    Raises NotFound (`household_unknown`), Conflict (`household_removed`, `unchanged`), Invalid with the field at fault. A category that no
    product has yet is taken: products may come.
    """
    household = locked_household(household_id)
    wanted: dict[str, Any] = {
        "categories": _categories(categories), "excluded_stores": _stores(excluded_stores), "max_price": max_price,
        "currency": checked_currency(currency), "min_saving": min_saving,
    }  # fmt: skip
    if max_price is not None and not 0 < max_price <= MOST_PRICE:
        raise Invalid(_("A highest price is more than 0."), field="max_price")
    if min_saving is not None and not 1 <= min_saving <= 99:
        raise Invalid(_("A least saving is 1 to 99 per cent."), field="min_saving")
    profile = Profile.objects.filter(household=household).first()
    before = profile or Profile(household=household)
    changes: dict[str, Any] = {name: (getattr(before, name), value) for name, value in wanted.items() if getattr(before, name) != value}
    if profile is not None and not changes:
        raise Conflict(_("Nothing to change: that is what it wants already."), code="unchanged")
    if "max_price" in changes:
        changes["max_price"] = (said(before.max_price, before.currency), said(max_price, currency))
    made, _created = Profile.objects.update_or_create(household=household, defaults={**wanted, "updated_at": clock.now()})
    record(
        actor=actor, action_type=CatalogAction.CHANGE_WISHES, entity_type="household", entity_id=household.pk, entity_label=str(household),
        reason=reason, changes=changes,
    )  # fmt: skip
    return made


def locked_household(household_id: UUID) -> Household:
    """An active household, to be called inside a transaction. Raises NotFound (`household_unknown`), Conflict (`household_removed`)."""
    found = Household.objects.select_for_update(no_key=True, of=("self",)).filter(pk=household_id).first()
    if found is None:
        raise NotFound(_("There is no such household."), code="household_unknown")
    if found.status != Household.Status.ACTIVE:
        raise Conflict(_("This household was removed; nothing is done for it any more."), code="household_removed")
    return found


def checked_currency(currency: str) -> str:
    if not money.known(currency):
        raise Invalid(_("“%(code)s” is no currency. For example: BRL.") % {"code": currency[:10]}, field="currency")
    return currency


def _categories(names: Sequence[str]) -> list[str]:
    cleaned = sorted({name.strip() for name in names} - {""})
    if len(cleaned) > MOST_CATEGORIES:
        raise Invalid(_("At most %(most)d categories.") % {"most": MOST_CATEGORIES}, field="categories")
    if any(len(name) > LONGEST_CATEGORY or not name.isprintable() for name in cleaned):
        raise Invalid(_("A category has at most %(most)d plain characters.") % {"most": LONGEST_CATEGORY}, field="categories")
    return cleaned


def _stores(ids: Sequence[int]) -> list[int]:
    wanted = sorted(set(ids))
    if len(wanted) > MOST_EXCLUDED:
        raise Invalid(_("At most %(most)d stores.") % {"most": MOST_EXCLUDED}, field="excluded_stores")
    known = set(Store.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if unknown := [pk for pk in wanted if pk not in known]:
        raise Invalid(_("There is no store %(id)d.") % {"id": unknown[0]}, field="excluded_stores", unknown=unknown)
    return wanted
