from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from beta.models import Household
from catalog.actions import alert as module
from catalog.actions import change_alert, create_alert, end_alert, pause_alert, resume_alert
from catalog.models import Alert, Profile
from opsportal.errors import Conflict, NotFound, OpsError
from tests.factories import make_alert, make_household, make_offer, make_product

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")
NOBODY = "00000000-0000-0000-0000-000000000000"


def create(**values) -> Alert:
    known: dict[str, Any] = {"household_id": make_household().pk, "product_id": make_product().pk}
    return create_alert(actor=ACTOR, **known | ({} if "drop_percent" in values else {"target_price": 9_000}) | values)


def code_of(call) -> str:
    with pytest.raises(OpsError) as refused:
        call()
    return getattr(refused.value, "field", "") or refused.value.code


def test_an_alert_is_made_with_its_line_and_one_audit_row():
    alert = create(channel="email", cooldown_hours=0)
    assert (alert.line, alert.status, alert.is_below, alert.crossings, alert.channel) == (9_000, "active", False, 0, "email")
    row = AuditLog.objects.get(action_type="UPSERT_ALERT")
    assert (row.entity_type, row.entity_id, row.changes["target_price"]) == ("alert", str(alert.pk), [None, "90.00 BRL"])


def test_a_drop_counts_from_the_best_price_of_now():
    product = make_product()
    make_offer(product=product, price=20_000)
    make_offer(product=product, price=10_000)
    make_offer(product=product, price=5_000, bucket="risky")
    make_offer(product=product, price=1_000, currency="USD")
    alert = create(product_id=product.pk, drop_percent=25)
    assert (alert.base_price, alert.line) == (10_000, 7_500)


def test_a_drop_leaves_out_the_stores_that_the_household_excludes():
    product, household = make_product(), make_household()
    cheap, dear = make_offer(product=product, price=10_000), make_offer(product=product, price=20_000)
    Profile.objects.create(household=household, excluded_stores=[cheap.store_id])
    assert create(household_id=household.pk, product_id=product.pk, drop_percent=10).base_price == dear.price


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"household_id": NOBODY}, "household_unknown"),
        ({"product_id": 0}, "product_unknown"),
        ({"drop_percent": 10}, "no_price"),
        ({"target_price": None}, "target_price"),
        ({"target_price": 9_000, "drop_percent": 10}, "target_price"),
        ({"target_price": 0}, "target_price"),
        ({"target_price": 10**16}, "target_price"),
        ({"drop_percent": 100}, "drop_percent"),
        ({"currency": "XXQ"}, "currency"),
        ({"channel": "pigeon"}, "channel"),
        ({"cooldown_hours": -1}, "cooldown_hours"),
        ({"cooldown_hours": 721}, "cooldown_hours"),
    ],
)
def test_an_alert_that_makes_no_sense_is_refused(values, fault):
    assert code_of(lambda: create(**values)) == fault
    assert Alert.objects.count() == 0


def test_a_removed_household_and_an_archived_product_get_none():
    removed = make_household()
    Household.objects.filter(pk=removed.pk).update(status="removed")
    assert code_of(lambda: create(household_id=removed.pk)) == "household_removed"
    assert code_of(lambda: create(product_id=make_product(status="archived").pk)) == "product_archived"


def test_a_second_active_alert_on_a_product_is_refused_and_the_first_named():
    first = make_alert()
    with pytest.raises(Conflict) as refused:
        create(household_id=first.household_id, product_id=first.product_id)
    assert (refused.value.code, refused.value.facts) == ("alert_exists", {"alert_id": str(first.pk)})
    end_alert(actor=ACTOR, alert_id=first.pk)
    assert create(household_id=first.household_id, product_id=first.product_id).status == "active"


def test_a_household_has_so_many_alerts_and_no_more(monkeypatch):
    monkeypatch.setattr(module, "MOST_OF_A_HOUSEHOLD", 2)
    household = make_household()
    create(household_id=household.pk)
    ended = create(household_id=household.pk)
    assert code_of(lambda: create(household_id=household.pk)) == "too_many_alerts"
    end_alert(actor=ACTOR, alert_id=ended.pk)
    create(household_id=household.pk)


def test_a_new_line_is_a_new_crossing_and_what_is_left_out_stays():
    alert = make_alert(is_below=True, channel="email", cooldown_hours=5)
    changed = change_alert(actor=ACTOR, alert_id=alert.pk, target_price=8_000)
    assert (changed.line, changed.is_below, changed.channel, changed.cooldown_hours) == (8_000, False, "email", 5)
    Alert.objects.update(is_below=True)
    assert change_alert(actor=ACTOR, alert_id=alert.pk, cooldown_hours=6).is_below is True
    changes = [row.changes for row in AuditLog.objects.filter(action_type="UPSERT_ALERT").order_by("id")]
    assert changes == [{"target_price": ["90.00 BRL", "80.00 BRL"]}, {"cooldown_hours": [5, 6]}]


def test_a_target_becomes_a_drop_and_a_drop_keeps_what_it_counts_from():
    offer = make_offer(price=10_000)
    alert = make_alert(product=offer.product)
    assert change_alert(actor=ACTOR, alert_id=alert.pk, drop_percent=10).line == 9_000
    make_offer(product=offer.product, price=5_000)
    assert change_alert(actor=ACTOR, alert_id=alert.pk, drop_percent=20).line == 8_000


@pytest.mark.parametrize(
    ("values", "fault"),
    [({"target_price": 9_000}, "unchanged"), ({"target_price": -1}, "target_price"), ({"channel": "pigeon"}, "channel"), ({"target_price": 1, "drop_percent": 1}, "target_price")],
)  # fmt: skip
def test_a_change_that_makes_no_sense_is_refused(values, fault):
    alert = make_alert()
    assert code_of(lambda: change_alert(actor=ACTOR, alert_id=alert.pk, **values)) == fault
    assert AuditLog.objects.count() == 0


def test_an_alert_is_paused_resumed_and_ended_for_good():
    alert = make_alert()
    statuses = [act(actor=ACTOR, alert_id=alert.pk, reason="asked by mail").status for act in (pause_alert, resume_alert, pause_alert, end_alert)]
    assert statuses == ["paused", "active", "paused", "ended"]
    for act in (pause_alert, resume_alert, end_alert):
        assert code_of(lambda act=act: act(actor=ACTOR, alert_id=alert.pk)) == "ended"
    assert code_of(lambda: change_alert(actor=ACTOR, alert_id=alert.pk, target_price=1)) == "ended"
    assert AuditLog.objects.filter(reason="asked by mail").count() == 4


def test_a_pause_of_a_paused_alert_is_refused():
    assert code_of(lambda: pause_alert(actor=ACTOR, alert_id=make_alert(status="paused").pk)) == "unchanged"


def test_a_paused_alert_is_not_resumed_beside_another():
    paused = make_alert(status="paused")
    make_alert(household=paused.household, product=paused.product)
    assert code_of(lambda: resume_alert(actor=ACTOR, alert_id=paused.pk)) == "alert_exists"


def test_an_unknown_alert_is_not_found():
    for act in (pause_alert, resume_alert, end_alert, change_alert):
        with pytest.raises(NotFound):
            act(actor=ACTOR, alert_id=NOBODY)
