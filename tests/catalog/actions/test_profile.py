import pytest

from audit.actors import Actor
from audit.models import AuditLog
from beta.models import Household
from catalog.actions import change_wishes
from catalog.models import Profile
from opsportal.errors import OpsError
from tests.factories import make_household, make_store

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")


def test_wishes_are_kept_with_one_audit_row_of_what_changed():
    household, store = make_household(), make_store()
    asked = {"categories": [" toys ", "kitchen", "toys"], "excluded_stores": [store.pk, store.pk], "max_price": 20_000, "min_saving": 10}
    profile = change_wishes(actor=ACTOR, household_id=household.pk, reason="by mail", **asked)
    assert (profile.categories, profile.excluded_stores, profile.max_price, profile.currency) == (["kitchen", "toys"], [store.pk], 20_000, "BRL")
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_type, row.entity_id, row.reason) == ("CHANGE_WISHES", "household", str(household.pk), "by mail")
    assert row.changes == {
        "categories": [[], ["kitchen", "toys"]], "excluded_stores": [[], [store.pk]], "max_price": [None, "200.00 BRL"], "min_saving": [None, 10],
    }  # fmt: skip


def test_what_is_left_out_is_no_limit_any_more():
    household = make_household()
    change_wishes(actor=ACTOR, household_id=household.pk, max_price=20_000, categories=["toys"])
    change_wishes(actor=ACTOR, household_id=household.pk, max_price=20_000)
    assert Profile.objects.get().categories == []
    assert AuditLog.objects.latest("id").changes == {"categories": [["toys"], []]}


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"max_price": 0}, "max_price"),
        ({"max_price": 10**16}, "max_price"),
        ({"min_saving": 0}, "min_saving"),
        ({"min_saving": 100}, "min_saving"),
        ({"currency": "brl"}, "currency"),
        ({"excluded_stores": [999_999]}, "excluded_stores"),
        ({"excluded_stores": list(range(101))}, "excluded_stores"),
        ({"categories": ["x" * 61]}, "categories"),
        ({"categories": ["a\x00b"]}, "categories"),
        ({"categories": [str(number) for number in range(51)]}, "categories"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(asked, fault):
    with pytest.raises(OpsError) as refused:
        change_wishes(actor=ACTOR, household_id=make_household().pk, **asked)
    assert refused.value.field == fault  # type: ignore[attr-defined]
    assert Profile.objects.count() == 0


def test_the_same_again_an_unknown_and_a_removed_household_are_refused():
    household = make_household()
    change_wishes(actor=ACTOR, household_id=household.pk, max_price=20_000)
    codes = []
    for household_id, status in ((household.pk, "active"), ("00000000-0000-0000-0000-000000000000", "active"), (household.pk, "removed")):
        Household.objects.filter(pk=household.pk).update(status=status)
        with pytest.raises(OpsError) as refused:
            change_wishes(actor=ACTOR, household_id=household_id, max_price=20_000)
        codes.append(refused.value.code)
    assert codes == ["unchanged", "household_unknown", "household_removed"]
