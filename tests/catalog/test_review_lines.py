import uuid
from datetime import timedelta

import pytest

from beta.models import Program
from catalog.models import Override, Profile, Purchase
from opsportal import clock
from opsportal.sharing import Round, within
from tests.answers import check_answer, read, said_in, stand
from tests.factories import make_household, make_offer, make_override
from tests.signing_in import sign_in


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


@pytest.fixture
def five_items(db):
    for _number in range(5):
        make_offer()


def wants_nothing(household):
    """Its highest price is under every offer's."""
    Profile.objects.create(household=household, max_price=1)


def make_purchase(**fields):
    valid = {"household": None, "external_id": str(uuid.uuid4()), "price": 9_000, "currency": "BRL", "median_90": 10_000, "declared_saving": 1_200}
    fields["household"] = fields.get("household") or make_household()
    return Purchase.objects.create(**valid | {"bought_at": clock.now()} | fields)


@pytest.mark.parametrize(("poor", "state", "percent"), [(0, "ok", 0.0), (1, "ok", 5.0), (2, "warn", 10.0), (4, "warn", 20.0), (5, "fail", 25.0)])
def test_poor_feeds_warn_over_five_and_fail_over_twenty_per_cent(five_items, signed_in, poor, state, percent):
    for number in range(20):
        household = make_household()
        if number < poor:
            wants_nothing(household)
    answer = read("feed-poor")
    check_answer(answer, signed_in)
    assert stand("feed-poor") == (state, percent)
    assert [act.permission for act in answer.acts] == ([] if state == "ok" else ["catalog.manage_alerts"])


def test_one_empty_feed_fails_and_leads_to_its_household(five_items, signed_in):
    make_household()
    household = make_household(name="Moraes")
    wants_nothing(household)
    answer = read("feed-empty")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value) == ("fail", 1)
    assert [act.url for act in answer.acts] == [f"/ops/feed/{household.pk}/"]
    assert said_in(answer, "en")[:4] == ["1", "1 household sees nothing at all.", "2 households", "Moraes"]


def test_poor_feeds_lead_to_the_household_that_sees_least(db, signed_in):
    for price in (10_000, 20_000, 30_000, 40_000, 50_000):
        make_offer(price=price)
    for name, most in (("Rich", None), ("Three", 30_000), ("Two", 20_000)):
        Profile.objects.create(household=make_household(name=name), max_price=most)
    answer = read("feed-poor")
    check_answer(answer, signed_in)
    assert said_in(answer, "en")[1:5] == ["2 of 3 see fewer than 5 items.", "3 households", "Two", "Three"]
    assert answer.acts[0].url == answer.evidence[1].url


def test_full_feeds_are_in_order(five_items, signed_in):
    make_household()
    check_answer(read("feed-empty"), signed_in)
    assert stand("feed-empty") == ("ok", 0)


@pytest.mark.parametrize("key", ["feed-empty", "feed-poor"])
def test_feeds_are_unknown_without_a_household(five_items, signed_in, key):
    check_answer(read(key), signed_in)
    assert stand(key) == ("unknown", None)


def test_both_lines_of_the_feed_ask_once(five_items, django_assert_num_queries):
    make_household()
    with within(Round()), django_assert_num_queries(1):
        read("feed-empty")
        read("feed-poor")


def overridden(times, **fields):
    for _number in range(times):
        made = make_override(make_offer())
        Override.objects.filter(pk=made.pk).update(**fields)


@pytest.mark.parametrize(("made", "state"), [(0, "ok"), (5, "ok"), (6, "fail")])
def test_more_than_five_overrides_today_fail(signed_in, made, state):
    overridden(made)
    answer = read("overrides-today")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value, answer.figure.of) == (state, made, 5)
    assert [act.url for act in answer.acts] == (["/ops/beta/pause/"] if state == "fail" else [])


def test_overrides_say_who_made_them_and_count_those_that_ended(db):
    overridden(2, created_by="Carla")
    overridden(1, created_by="Diego", ended_at=clock.now(), ended_because="reverted")
    assert said_in(read("overrides-today"), "en")[:2] == ["3 of 5", "Carla 2, Diego 1. Yesterday: 0."]


def test_red_flag_of_yesterday_warns_today(signed_in):
    yesterday = clock.end_of_today() - timedelta(hours=36)
    overridden(6, created_at=yesterday)
    answer = read("overrides-today")
    assert (str(answer.state), answer.figure.value) == ("warn", 0)
    assert said_in(answer, "en")[1] == "None yet. Yesterday: 6."
    overridden(0)
    Program.objects.update(invites_paused_at=clock.now())
    assert read("overrides-today").acts == ()


def test_list_of_today_has_what_was_made_today_and_offers_no_way_back_from_what_ended(signed_in):
    overridden(1, created_at=clock.end_of_today() - timedelta(hours=36))
    overridden(1, created_by="Carla")
    overridden(1, created_by="Diego", ended_at=clock.now(), ended_because="reverted")
    page = signed_in.get("/ops/offers/overrides/?which=today")
    assert [layer.override.created_by for layer in page.context["layers"]] == ["Diego", "Carla"]
    assert page.content.decode().count("/revert/") == 1


def test_purchases_say_what_was_declared_and_what_is_confirmed(signed_in):
    make_purchase()
    make_purchase(price=9_500)
    make_purchase(currency="USD", declared_saving=500)
    answer = read("purchases")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value, answer.figure.unit) == ("ok", 2_400, "BRL")
    assert said_in(answer, "en")[:2] == [
        "R$24.00", "3 purchases; confirmed by the 90-day median: R$15.00. In other currencies: $5.00.",
    ]  # fmt: skip


def test_purchases_with_an_outlier_warn_and_leave_it_out(signed_in):
    make_purchase()
    make_purchase(is_outlier=True, declared_saving=999_999)
    answer = read("purchases")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value) == ("warn", 1_200)
    assert said_in(answer, "en")[1].endswith("1 outlier is left out.")


@pytest.mark.parametrize(("days", "state"), [(2, "ok"), (8, "unknown")])
def test_day_without_purchases_is_known_only_while_the_product_tells_of_some(signed_in, days, state):
    make_purchase(bought_at=clock.now() - timedelta(days=days), currency="USD")
    answer = read("purchases")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.unit) == (state, "USD" if state == "ok" else "count")


def test_purchases_are_unknown_where_there_never_was_one(signed_in):
    check_answer(read("purchases"), signed_in)
    assert stand("purchases") == ("unknown", None)


@pytest.mark.parametrize(("key", "most"), [("feed-empty", 2), ("feed-poor", 2), ("overrides-today", 3), ("purchases", 1)])
@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_does_not_grow(db, django_assert_max_num_queries, key, most, rows):
    for _number in range(rows):
        make_purchase()
    overridden(rows * 6)
    with django_assert_max_num_queries(most):
        read(key)
