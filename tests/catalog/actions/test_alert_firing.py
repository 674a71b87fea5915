from datetime import timedelta

import pytest
import time_machine

from audit.actors import Actor
from audit.models import AuditLog
from beta.models import Household
from catalog.actions import fire_alerts
from catalog.alert_message import owe_waiting
from catalog.models import Alert, AlertEvent, Offer, Profile
from notify.models import Message
from opsportal import clock
from tests.factories import make_alert, make_destination, make_offer, make_override

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("alert-evaluator")


@pytest.fixture
def _push() -> None:
    make_destination(name="push")


@pytest.fixture
def offer(_push) -> Offer:
    return make_offer(price=10_000)


@pytest.fixture
def alert(offer) -> Alert:
    return make_alert(product=offer.product, target_price=9_000, cooldown_hours=24)


def costs(offer: Offer, price: int | None) -> None:
    Offer.objects.filter(pk=offer.pk).update(price=price, confirmed_at=clock.now())


def look(*alerts: Alert) -> int:
    """How many fired."""
    return len(fire_alerts(actor=ACTOR, alert_ids=[alert.pk for alert in alerts or Alert.objects.all()]))


def test_it_fires_when_the_price_comes_under_the_line_with_message_and_audit_row(alert, offer):
    assert look() == 0
    costs(offer, 9_000)
    assert look() == 1
    event = AlertEvent.objects.get()
    message = Message.objects.get()
    assert (event.alert_id, event.crossing, event.offer_id, event.price, event.message_id) == (alert.pk, 1, offer.pk, 9_000, message.pk)
    assert (message.key, message.destination.name, message.topic, message.state) == (f"alert:{alert.pk}:1", "push", "price_alert", "waiting")
    row = AuditLog.objects.get(action_type="FIRE_ALERT")
    assert (row.actor_label, row.entity_id, row.changes["fired"]) == ("alert-evaluator", str(alert.pk), [None, 1])


def test_it_fires_once_for_a_crossing_however_often_it_is_looked_at(alert, offer):
    costs(offer, 8_000)
    assert [look(), look(), look()] == [1, 0, 0]
    costs(offer, 7_000)
    assert look() == 0
    assert AuditLog.objects.count() == 1


def test_it_fires_again_only_after_the_price_was_above_and_the_silence_is_over(alert, offer):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        costs(offer, 8_000)
        assert look() == 1
        traveller.shift(timedelta(days=30))
        costs(offer, 8_000)
        # Never above in between.
        assert look() == 0
        costs(offer, 9_001)
        assert look() == 0
        costs(offer, 9_000)
        assert look() == 1
    assert list(AlertEvent.objects.order_by("crossing").values_list("crossing", flat=True)) == [1, 2]
    assert Message.objects.count() == 2


def test_a_crossing_within_the_silence_fires_when_that_is_over_if_it_still_holds(alert, offer):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for price in (8_000, 10_000, 8_000):
            costs(offer, price)
            look()
        assert AlertEvent.objects.count() == 1
        traveller.shift(timedelta(hours=23, minutes=59))
        assert look() == 0
        traveller.shift(timedelta(minutes=1))
        assert look() == 1


def test_a_crossing_within_the_silence_that_is_gone_by_then_fires_nothing(alert, offer):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for price in (8_000, 10_000, 8_000, 10_000):
            costs(offer, price)
            look()
        traveller.shift(timedelta(hours=25))
        costs(offer, 10_000)
        assert look() == 0
    assert AlertEvent.objects.count() == 1


def test_a_price_that_is_not_known_is_no_crossing_either_way(alert, offer):
    costs(offer, 8_000)
    assert look() == 1
    Offer.objects.update(availability="out_of_stock")
    Alert.objects.update(fired_at=clock.now() - timedelta(days=9))
    assert look() == 0
    Offer.objects.update(availability="in_stock")
    assert look() == 0
    assert Alert.objects.get().is_below is True


def test_the_overridden_price_is_what_counts(alert, offer):
    override = make_override(offer, amount=8_500)
    assert look() == 1
    assert AlertEvent.objects.get().price == 8_500
    Alert.objects.update(is_below=False, fired_at=None)
    costs(offer, 1_000)
    override.amount = 9_500
    override.save()
    assert look() == 0


@pytest.mark.parametrize(
    "fields",
    [{"bucket": "risky"}, {"availability": "out_of_stock"}, {"confirmed_at": None}, {"currency": "USD"}, {"status": "archived"}, {"price": None}],
)
def test_it_never_speaks_of_an_offer_that_may_not_be_shown(alert, fields):
    Offer.objects.update(**{"price": 100} | fields)
    assert look() == 0
    assert Alert.objects.get().looked_at is not None


def test_an_offer_whose_risk_is_unknown_may_fire_and_is_said_to_be(alert, offer):
    Offer.objects.update(price=100, bucket="unknown")
    assert look() == 1
    assert '"bucket":"unknown"' in Message.objects.get().body


def test_the_cheapest_of_several_offers_counts_and_never_one_of_an_excluded_store(alert, offer):
    excluded = make_offer(product=offer.product, price=5_000)
    other = make_offer(product=offer.product, price=8_000)
    Profile.objects.create(household=alert.household, excluded_stores=[excluded.store_id])
    assert look() == 1
    assert AlertEvent.objects.get().offer_id == other.pk


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_one_that_is_not_active_is_not_looked_at(alert, offer, status):
    Alert.objects.update(status=status)
    costs(offer, 1_000)
    assert look() == 0
    assert Alert.objects.get().looked_at is None


def test_a_removed_household_hears_nothing(alert, offer):
    costs(offer, 1_000)
    Household.objects.update(status="removed")
    assert look() == 0


def test_nothing_to_fire_leaves_no_audit_row(alert):
    assert look() == 0
    assert AuditLog.objects.count() == 0


def test_several_fire_in_one_act_with_one_audit_row(alert, offer):
    other = make_alert(product=offer.product)
    costs(offer, 1_000)
    assert look() == 2
    row = AuditLog.objects.get()
    assert (row.entity_id, row.changes["fired"], set(row.changes["alerts"][1])) == ("", [None, 2], {str(alert.pk), str(other.pk)})


def test_it_takes_the_same_reads_for_any_number_of_alerts(alert, offer, django_assert_num_queries):
    for _number in range(4):
        make_alert(product=offer.product)
    alerts = list(Alert.objects.all())
    # Savepoint, the alerts, the best offers, what is written back, and its end.
    with django_assert_num_queries(5):
        assert look(*alerts) == 0


def test_mail_goes_to_the_household(offer):
    alert = make_alert(product=offer.product, channel="email")
    costs(offer, 6_490)
    assert look() == 1
    message = Message.objects.get()
    assert (message.channel, message.address, message.key) == ("email", alert.household.email, f"alert:{alert.pk}:1")
    assert message.subject == f"{offer.product} for R$64.90"


def test_without_a_destination_the_event_is_kept_and_told_once_there_is_one():
    offer = make_offer(price=8_000)
    alert = make_alert(product=offer.product)
    assert look() == 1
    assert AlertEvent.objects.get().message_id is None
    assert owe_waiting() == 0
    make_destination(name="push")
    assert [owe_waiting(), owe_waiting()] == [1, 0]
    assert AlertEvent.objects.get().message_id == Message.objects.get(key=f"alert:{alert.pk}:1").pk


def test_a_household_that_was_removed_meanwhile_hears_nothing():
    offer = make_offer(price=8_000)
    alert = make_alert(product=offer.product)
    assert look() == 1
    Household.objects.filter(pk=alert.household_id).update(status="removed")
    make_destination(name="push")
    assert (owe_waiting(), Message.objects.count()) == (0, 0)
