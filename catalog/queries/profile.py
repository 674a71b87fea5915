from uuid import UUID

from django.utils.translation import gettext as _

from beta.models import Household
from catalog.models import Profile, Store
from opsportal import money
from opsportal.errors import NotFound


def get_household(household_id: UUID) -> Household:
    """Raises NotFound (`household_unknown`)."""
    found = Household.objects.filter(pk=household_id).first()
    if found is None:
        raise NotFound(_("There is no such household."), code="household_unknown")
    return found


def profile_of(household_id: UUID) -> Profile:
    """What the household asked for; one that asked for nothing gets a profile without limits, which is not kept."""
    return Profile.objects.filter(household_id=household_id).first() or Profile(household_id=household_id)


def in_words(profile: Profile) -> list[tuple[str, str]]:
    """(wish, value), each as a person says it."""
    names = dict(Store.objects.filter(pk__in=profile.excluded_stores).values_list("pk", "name"))
    excluded = [names.get(pk, f"#{pk}") for pk in profile.excluded_stores]
    price = _("any") if profile.max_price is None else money.in_words(profile.max_price, profile.currency)
    saving = _("any") if profile.min_saving is None else _("%(percent)d %% under the 90-day median") % {"percent": profile.min_saving}
    # Without a row nothing is asked for, not even a currency.
    currency = _("any") if profile._state.adding else profile.currency
    return [
        (_("Categories"), ", ".join(profile.categories) or _("all")), (_("Excluded stores"), ", ".join(excluded) or _("none")),
        (_("Currency"), currency), (_("Highest price"), price), (_("Least saving"), saving),
    ]  # fmt: skip
