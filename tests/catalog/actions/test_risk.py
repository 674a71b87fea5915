"""Risk as it stands on the offers: written from what is shown, on a person's word and after whatever changes it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.actors import Actor
from audit.models import AuditLog
from catalog.actions import check_risk, dismiss_held_price, override_offer
from catalog.actions.offer import archive_offer, change_offer
from catalog.actions.product import archive_product, restore_product
from catalog.actions.risk import recalculate
from catalog.models import Offer
from catalog.risk.facts import OfferFacts
from catalog.risk.score import as_json, score
from opsportal import clock
from opsportal.errors import Conflict, NotFound
from switches import actions as switches
from switches.models import Switch
from tests.factories import make_offer, make_override, make_price, make_product, make_store

pytestmark = pytest.mark.django_db
BIA = Actor.system("Bia")


def make_trap(**fields: Any) -> Offer:
    """R$ 100 for 80 days, the list price raised to R$ 180 eight days ago, and R$ 99 for two: a discount that is none."""
    offer = make_offer(**{"price": 9_900, "list_price": 18_000} | fields)
    make_price(offer, days_ago=80, price=10_000, list_price=12_000)
    make_price(offer, days_ago=8, price=10_000, list_price=18_000)
    make_price(offer, days_ago=2, price=9_900, list_price=18_000)
    return offer


def make_steady(price: int = 10_000, days: float = 80, **fields: Any) -> Offer:
    offer = make_offer(price=price, **fields)
    make_price(offer, days_ago=days, price=price, currency=offer.currency)
    return offer


def risk_of(offer: Offer) -> tuple[Any, ...]:
    offer.refresh_from_db()
    return offer.risk_score, offer.bucket, [reason["code"] for reason in offer.risk_reasons]


def turn_off() -> None:
    switches.turn_off(actor=BIA, name="ENABLE_ANTI_CILADA", reason="too many false alarms")


def test_recalculate_writes_score_bucket_reasons_medians_and_when() -> None:
    offer, before = make_trap(), clock.now()
    assert recalculate([offer.pk]) == 1
    assert risk_of(offer) == (89, "risky", ["list_raised", "claim_gap", "single_source"])
    assert (offer.median_30, offer.median_90) == (10_000, 10_000)
    assert offer.risk_at is not None
    assert before <= offer.risk_at <= clock.now()
    assert AuditLog.objects.count() == 0


def test_recalculate_leaves_what_is_shown_and_the_version_alone() -> None:
    before = clock.now() - timedelta(hours=2)
    offer, archived = make_trap(updated_at=before, bucket="risky"), make_trap(updated_at=before, status="archived")
    recalculate([offer.pk, archived.pk])
    after = Offer.objects.get(pk=offer.pk)
    assert (after.bucket, after.updated_at, after.version, after.price, after.confirmed_at) == ("risky", before, 1, 9_900, offer.confirmed_at)
    assert (risk_of(archived)[1], archived.updated_at) == ("risky", before)


def test_another_bucket_is_a_change_of_what_is_shown() -> None:
    before = clock.now() - timedelta(hours=2)
    offer = make_trap(updated_at=before, bucket="safe")
    recalculate([offer.pk])
    assert (risk_of(offer)[1], offer.updated_at > before) == ("risky", True)


def test_recalculate_agrees_with_the_pure_function_over_the_whole_history() -> None:
    """The query leaves out what no rule looks at; a reduction 58 days ago from a list price raised 55 days before it is within."""
    offer = make_offer(price=9_000, list_price=16_000, confirmed_at=clock.now())
    for days, price, list_price, held in (
        (700, 500, None, False), (400, 10_000, 12_000, False), (113, 10_000, 16_000, False), (70, 800, 16_000, True), (58, 9_000, 16_000, False),
    ):  # fmt: skip
        make_price(offer, days_ago=days, price=price, list_price=list_price, held=held)
    recalculate([offer.pk])
    offer.refresh_from_db()
    assert offer.risk_at is not None
    points = list(offer.prices.order_by("at").values_list("at", "price", "list_price", "held"))
    facts = OfferFacts(price=9_000, list_price=16_000, confirmed_at=offer.confirmed_at, availability="in_stock", history=points)
    whole = score(facts, offer.risk_at)
    assert (offer.risk_score, offer.bucket, offer.risk_reasons) == (whole.score, whole.bucket, as_json(whole.reasons))
    assert [reason.code for reason in whole.reasons] == ["claim_gap", "single_source", "list_raised", "under_low"]


def test_offer_is_judged_by_its_override() -> None:
    offer = make_steady()
    make_override(offer, amount=16_000, tracked_amount=10_000, reason="seen at the till")
    recalculate([offer.pk])
    assert risk_of(offer)[2] == ["single_source", "overridden"]
    assert offer.risk_reasons[-1]["figures"] == {"why": "seen at the till"}


def test_override_that_is_over_does_not_count() -> None:
    offer = make_steady()
    make_override(offer, expires_at=clock.now() - timedelta(hours=1))
    make_override(offer, field="list_price", amount=90_000, ended_at=clock.now())
    recalculate([offer.pk])
    assert risk_of(offer) == (8, "safe", ["single_source"])


def test_offer_is_compared_with_what_others_show_in_its_currency() -> None:
    offer = make_steady()
    product = offer.product
    dear = make_offer(product=product, price=50_000, store=make_store(name="Dear"))
    make_override(dear, amount=25_000, tracked_amount=50_000)
    make_offer(product=product, price=3_000, store=make_store(name="Abroad"), currency="EUR")
    make_offer(product=product, price=3_000, store=make_store(name="Sold out"), availability="out_of_stock")
    make_offer(product=product, price=3_000, store=make_store(name="Archived"), status="archived")
    make_offer(product=product, price=None, store=make_store(name="Unknown"))
    recalculate([offer.pk])
    assert risk_of(offer)[2] == ["under_market"]
    assert offer.risk_reasons[0]["figures"] == {"percent": 60, "store": "Dear"}


def test_other_currencies_in_the_history_are_left_out() -> None:
    offer = make_steady(currency="EUR")
    make_price(offer, days_ago=5, price=90_000, currency="BRL")
    make_price(offer, days_ago=300, price=90_000, currency="BRL")
    recalculate([offer.pk])
    assert (risk_of(offer), offer.median_30) == ((8, "safe", ["single_source"]), 10_000)


def test_held_price_and_changed_currency_are_doubts() -> None:
    held, foreign = make_steady(held_price=4_000, held_at=clock.now()), make_steady(error_code="currency")
    recalculate([held.pk, foreign.pk])
    assert (risk_of(held), risk_of(foreign)) == ((33, "watch", ["held", "single_source"]), (33, "unknown", ["currency_changed", "single_source"]))


def test_offer_without_price_or_history_is_unknown() -> None:
    empty, new = make_offer(price=None), make_offer()
    assert recalculate([empty.pk, new.pk, 0, new.pk]) == 2
    assert (risk_of(empty), empty.median_90) == ((30, "unknown", ["no_price"]), None)
    assert risk_of(new) == (28, "unknown", ["short_history", "single_source"])


def test_recalculate_asks_as_often_for_a_hundred_offers_as_for_one() -> None:
    offers = [make_trap() for _number in range(100)]
    make_override(offers[0])
    counts = []
    for some in ([offers[0].pk], [offer.pk for offer in offers]):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            recalculate(some)
        counts.append(len(asked))
    # The switch, the lock, the offers, their history, the other offers, the update.
    assert counts == [6, 6]


def test_recalculate_of_nothing_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert recalculate([]) == 0


def test_other_offers_of_the_product_follow_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    product = make_product()
    cheap, other = make_steady(product=product), make_steady(30_000, product=product)
    archived, stranger = make_steady(product=product, status="archived"), make_steady()
    with django_capture_on_commit_callbacks(execute=True):
        recalculate([cheap.pk])
        assert risk_of(other) == (None, "unknown", [])
    assert risk_of(other)[2] == ["over_market"]
    assert (risk_of(archived)[0], risk_of(stranger)[0]) == (None, None)


def test_offers_that_come_back_or_lose_a_rival_are_judged_at_once(django_capture_on_commit_callbacks: Any) -> None:
    product = make_product()
    cheap, dear = make_steady(product=product), make_steady(30_000, product=product)
    with django_capture_on_commit_callbacks(execute=True):
        archive_product(actor=BIA, product_id=product.pk, reason="recalled")
    assert (risk_of(cheap)[0], risk_of(dear)[0]) == (None, None)
    with django_capture_on_commit_callbacks(execute=True):
        restore_product(actor=BIA, product_id=product.pk)
    assert risk_of(dear)[2] == ["over_market"]
    with django_capture_on_commit_callbacks(execute=True):
        archive_offer(actor=BIA, offer_id=cheap.pk, reason="sold out for good")
    assert "over_market" not in risk_of(dear)[2]


def test_an_offer_that_moves_to_another_product_is_missed_in_the_old_one(django_capture_on_commit_callbacks: Any) -> None:
    product, other = make_product(), make_product()
    cheap, dear = make_steady(product=product), make_steady(30_000, product=product)
    with django_capture_on_commit_callbacks(execute=True):
        recalculate([dear.pk])
    assert risk_of(dear)[2] == ["over_market"]
    same = {name: getattr(cheap, name) for name in ("store_id", "url", "sku", "title", "currency", "price", "list_price", "availability")}
    with django_capture_on_commit_callbacks(execute=True):
        change_offer(actor=BIA, offer_id=cheap.pk, version=cheap.version, product_id=other.pk, **same)
    assert "over_market" not in risk_of(dear)[2]


def test_nothing_is_calculated_while_the_switch_is_off(django_capture_on_commit_callbacks: Any) -> None:
    offer = make_trap(risk_score=3, bucket="safe")
    turn_off()
    with django_capture_on_commit_callbacks(execute=True):
        assert recalculate([offer.pk]) == 0
    assert (risk_of(offer), offer.risk_at) == ((3, "safe", []), None)


def test_nothing_is_calculated_while_the_environment_says_off(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = make_trap()
    monkeypatch.setenv("ENABLE_ANTI_CILADA", "false")
    assert recalculate([offer.pk]) == 0
    with pytest.raises(Conflict, match="This server's environment holds ENABLE_ANTI_CILADA off"):
        check_risk(actor=BIA, offer_id=offer.pk)


def test_nothing_is_calculated_where_there_is_no_such_switch() -> None:
    Switch.objects.filter(pk="ENABLE_ANTI_CILADA").delete()
    assert recalculate([make_trap().pk]) == 0


def test_check_leaves_one_row_with_what_it_was_and_what_it_is() -> None:
    offer = make_trap()
    assert check_risk(actor=BIA, offer_id=offer.pk, reason="a household asked").bucket == "risky"
    Offer.objects.filter(pk=offer.pk).update(list_price=None)
    check_risk(actor=BIA, offer_id=offer.pk)
    first, second = AuditLog.objects.order_by("pk")
    assert (first.action_type, first.entity_type, first.entity_id, first.entity_label, first.reason) == (
        "CALC_RISK", "offer", str(offer.pk), str(offer), "a household asked",
    )  # fmt: skip
    assert first.changes == {"score": [None, 89], "bucket": [None, "risky"], "reasons": [None, "list_raised, claim_gap, single_source"]}
    assert second.changes == {
        "score": [89, 8], "bucket": ["risky", "safe"], "reasons": ["list_raised, claim_gap, single_source", "single_source"],
    }  # fmt: skip


def test_check_is_refused_while_risk_is_frozen() -> None:
    offer = make_trap()
    turn_off()
    with pytest.raises(
        Conflict, match=r"frozen, so nothing was calculated. Bia turned ENABLE_ANTI_CILADA off on .*: “too many false alarms”"
    ) as refused:
        check_risk(actor=BIA, offer_id=offer.pk)
    assert (refused.value.code, AuditLog.objects.filter(action_type="CALC_RISK").count(), risk_of(offer)[0]) == ("risk_frozen", 0, None)


def test_check_is_refused_for_an_archived_offer_and_for_none() -> None:
    with pytest.raises(Conflict, match="archived"):
        check_risk(actor=BIA, offer_id=make_trap(status="archived").pk)
    with pytest.raises(NotFound):
        check_risk(actor=BIA, offer_id=0)


def test_override_changes_the_bucket_in_its_own_transaction() -> None:
    offer = make_trap()
    recalculate([offer.pk])
    with transaction.atomic():
        override_offer(actor=BIA, offer_id=offer.pk, field="list_price", value=None, reason="no such list price")
        assert risk_of(offer) == (8, "safe", ["single_source", "overridden"])


def test_dismissed_price_is_no_doubt_any_more() -> None:
    offer = make_steady(held_price=4_000, held_at=clock.now())
    recalculate([offer.pk])
    dismiss_held_price(actor=BIA, offer_id=offer.pk)
    assert risk_of(offer) == (8, "safe", ["single_source"])
