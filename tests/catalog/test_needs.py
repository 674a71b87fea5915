from datetime import timedelta

from beta import actions as beta
from catalog import needs
from catalog.models import Offer
from catalog.queries.override import RED_FLAG
from opsportal import clock
from opsportal.needs import TRUST, UNTIDY, WAITING
from tests import asking
from tests.factories import make_alert, make_offer, make_override


def test_a_catalog_in_order_needs_nobody(owner):
    make_offer()
    make_offer(bucket="risky")
    make_override(make_offer())
    assert (asking.needs(needs.found, owner), asking.figure(needs.overrides, owner)) == ([], ("1", "ok"))


def test_more_manual_fixes_than_the_manual_allows_pause_the_invites(owner):
    for number in range(RED_FLAG):
        make_override(make_offer(), amount=9_000 - number)
    assert (asking.needs(needs.found, owner), asking.figure(needs.overrides, owner)) == ([], ("5", "warn"))
    make_override(make_offer())
    assert asking.needs(needs.found, owner) == [(TRUST, "fail", "6 manual fixes of the catalog today")]
    assert asking.acts(needs.found, owner) == [("Pause invites", "/ops/beta/pause/", "beta.manage_invites")]
    beta.pause_invites(actor=owner.actor, reason="the manual says so")
    assert (asking.needs(needs.found, owner), asking.figure(needs.overrides, owner)) == ([], ("6", "fail"))


def test_risky_offers_count_where_price_alerts_wait_for_them(owner):
    make_alert(product=make_offer(bucket="risky").product)
    make_alert(product=make_offer(bucket="risky").product, status="paused")
    make_alert(product=make_offer(bucket="risky", status="archived").product)
    make_alert(product=make_offer(bucket="safe").product)
    assert asking.needs(needs.found, owner) == [(TRUST, "warn", "1 risky offer that households watch")]
    assert asking.acts(needs.found, owner) == [("Check the risk", "/ops/offers/?bucket=risky&alerting=1", "catalog.check_risk")]


def test_held_prices_wait_since_the_first_of_them(owner):
    first = clock.now() - timedelta(hours=5)
    make_offer(held_price=4_000, held_at=first)
    make_offer(held_price=4_000, held_at=clock.now() - timedelta(hours=1))
    make_offer(held_price=4_000, held_at=clock.now() - timedelta(hours=9), status="archived")
    assert [(need.harm, need.title, need.since) for need in needs.found(asking.request_of(owner))] == [
        (WAITING, "2 prices wait for a decision", first),
    ]  # fmt: skip


def test_an_override_drifts_when_the_store_says_something_new(owner):
    stands, agrees, drifted, over = (make_offer() for _ in range(4))
    make_override(stands)
    for offer in (agrees, drifted):
        make_override(offer)
    make_override(over, expires_at=clock.now() - timedelta(hours=1))
    Offer.objects.filter(pk=agrees.pk).update(price=9_000)
    Offer.objects.filter(pk__in=[drifted.pk, over.pk]).update(price=8_000)
    assert asking.needs(needs.found, owner) == [(UNTIDY, "warn", "1 override has drifted")]


def test_all_of_it_is_one_query_which_the_navigation_shares(owner, django_assert_num_queries):
    make_offer(held_price=4_000, held_at=clock.now())
    request = asking.request_of(owner)
    with django_assert_num_queries(1):
        list(needs.found(request))
        needs.overrides(request)
        from catalog.frame import _waiting

        assert _waiting(request) == 1
