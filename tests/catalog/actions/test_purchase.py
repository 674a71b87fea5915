from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from audit.actors import Actor
from audit.models import AuditLog
from beta.models import Household
from catalog.actions import Bought, record_purchase
from catalog.models import Offer, Purchase
from opsportal import clock
from opsportal.errors import OpsError
from tests.factories import make_household, make_offer, make_override, make_price, make_product

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")
NOBODY = "00000000-0000-0000-0000-000000000000"


def buy(*, client_id: int | None = None, **values: Any) -> tuple[Purchase, bool]:
    known: dict[str, Any] = {"external_id": "p-1", "price": 9_000, "currency": "BRL", "bought_at": clock.now()}
    if "household_id" not in values:
        known["household_id"] = make_household().pk
    return record_purchase(actor=ACTOR, purchase=Bought(**known | values), client_id=client_id)


def fault_of(call) -> str:
    with pytest.raises(OpsError) as refused:
        call()
    return getattr(refused.value, "field", "") or refused.value.code


def test_a_purchase_keeps_the_median_of_its_time():
    offer = make_offer(median_90=12_000)
    kept, is_new = buy(offer_id=offer.pk, declared_saving=3_000)
    Offer.objects.update(median_90=50_000)
    kept.refresh_from_db()
    assert (is_new, kept.median_90, kept.saving, kept.is_outlier, kept.outlier_reasons) == (True, 12_000, 3_000, False, [])
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_id, row.changes["price"]) == ("RECORD_PURCHASE", str(kept.pk), [None, 9_000])


def test_the_same_again_is_the_first_one_and_no_second_act():
    household, at = make_household(), clock.now()
    first, _new = buy(household_id=household.pk, bought_at=at, client_id=7)
    again, is_new = buy(household_id=household.pk, bought_at=at, client_id=7)
    assert (again.pk, is_new, Purchase.objects.count(), AuditLog.objects.count()) == (first.pk, False, 1, 1)
    other, is_new = buy(household_id=household.pk, bought_at=at, client_id=8)
    assert (is_new, other.pk == first.pk) == (True, False)


def test_another_purchase_under_the_same_number_is_refused():
    household, at = make_household(), clock.now()
    first, _new = buy(household_id=household.pk, bought_at=at)
    with pytest.raises(OpsError) as refused:
        buy(household_id=household.pk, bought_at=at, price=9_001)
    assert (refused.value.status, refused.value.code, refused.value.facts) == (422, "purchase_mismatch", {"purchase_id": str(first.pk)})


def test_an_outlier_says_why_also_in_the_audit_log():
    offer = make_offer(price=10_000, median_90=10_000)
    make_price(offer, price=8_000)
    kept, _new = buy(offer_id=offer.pk, price=1_000, declared_saving=-5)
    assert (kept.is_outlier, kept.outlier_reasons) == (True, ["negative", "far_price"])
    assert AuditLog.objects.get().changes["outlier"] == [None, ["negative", "far_price"]]


def test_a_held_reading_is_no_price_that_was_ever_asked_and_an_override_is():
    offer = make_offer(price=10_000)
    make_price(offer, price=10_000)
    make_price(offer, price=100, held=True)
    assert buy(offer_id=offer.pk, price=150)[0].outlier_reasons == ["far_price"]
    make_override(offer, amount=150)
    assert buy(offer_id=offer.pk, price=150, external_id="p-2")[0].outlier_reasons == []


def test_another_currency_than_the_offers_is_an_outlier_without_a_median():
    kept, _new = buy(offer_id=make_offer(median_90=12_000).pk, currency="USD")
    assert (kept.median_90, kept.outlier_reasons) == (None, ["other_currency"])


def test_without_an_offer_the_prices_of_the_product_are_compared():
    product = make_product()
    make_price(make_offer(product=product), price=10_000)
    kept, _new = buy(product_id=product.pk, price=1_000)
    assert (kept.median_90, kept.offer, kept.outlier_reasons) == (None, None, ["far_price"])


def test_without_either_it_is_kept_as_it_is_said():
    kept, _new = buy(declared_saving=1)
    assert (kept.median_90, kept.saving, kept.is_outlier) == (None, None, False)


def test_a_removed_household_may_still_tell():
    household = make_household()
    Household.objects.update(status="removed")
    assert buy(household_id=household.pk)[1] is True


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"household_id": NOBODY}, "household_unknown"),
        ({"offer_id": 1}, "offer_unknown"),
        ({"product_id": 1}, "product_unknown"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 101}, "external_id"),
        ({"external_id": "a\x00"}, "external_id"),
        ({"price": 0}, "price"),
        ({"price": 10**16}, "price"),
        ({"currency": "R$"}, "currency"),
        ({"declared_saving": 10**16}, "declared_saving"),
        ({"bought_at": clock.now() + timedelta(days=400)}, "bought_at"),
        ({"bought_at": clock.now() - timedelta(days=367)}, "bought_at"),
    ],
)
def test_a_purchase_that_makes_no_sense_is_refused(values, fault):
    assert fault_of(lambda: buy(**values)) == fault
    assert Purchase.objects.count() == 0


def test_an_offer_of_another_product_is_refused():
    assert fault_of(lambda: buy(offer_id=make_offer().pk, product_id=make_product().pk)) == "product_id"


@pytest.mark.django_db(transaction=True)
def test_the_same_purchase_at_the_same_moment_is_kept_once():
    household, at, barrier, answers = make_household(), clock.now(), Barrier(4), []

    def tell() -> None:
        barrier.wait(60)
        answers.append(buy(household_id=household.pk, bought_at=at))
        connections.close_all()

    threads = [Thread(target=tell) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert (len(answers), len({kept.pk for kept, _new in answers}), sum(is_new for _kept, is_new in answers)) == (4, 1, 1)
    assert (Purchase.objects.count(), AuditLog.objects.count()) == (1, 1)
