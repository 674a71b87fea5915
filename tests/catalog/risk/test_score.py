"""What holds for every offer."""

import json
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.risk.facts import OfferFacts, PricePoint
from catalog.risk.score import as_json, from_json, score
from catalog.risk.thresholds import DEFAULT, Ramp
from catalog.risk.words import words
from tests.catalog.risk.offers import NOW, ago, make_facts, past

thorough = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

# Points ahead of now, equal moments and prices that are none are odd, and valid.
ages = st.integers(-2 * 1440, 400 * 1440).map(lambda minutes: timedelta(minutes=minutes))
prices = st.one_of(st.integers(-5, 40), st.integers(5_000, 20_000), st.integers(1, 10**9))
points = st.builds(
    lambda age, price, list_price, held: PricePoint(NOW - age, price, list_price, held),
    ages,
    prices,
    st.none() | prices,
    st.integers(0, 9).map(lambda n: n == 0),
)
offers = st.builds(
    OfferFacts,
    price=st.none() | prices,
    list_price=st.none() | prices,
    availability=st.sampled_from(["in_stock", "out_of_stock", "preorder", "discontinued", "unknown", ""]),
    confirmed_at=st.none() | ages.map(lambda age: NOW - age),
    override_active=st.booleans(),
    override_reason=st.sampled_from(["", "100 % wrong %(sic)s"]),
    sources=st.integers(0, 9),
    other_prices=st.lists(st.tuples(st.sampled_from(["Ponto", "Kalunga", "50 %"]), prices), max_size=5).map(tuple),
    history=st.lists(points, max_size=40).map(tuple),
    held_price=st.none() | prices,
    currency_changed=st.booleans(),
)


@thorough
@given(offers)
def test_any_offer_has_a_risk_in_words_that_survives_storage(facts):
    risk = score(facts, NOW)
    total = sum(reason.points for reason in risk.reasons)
    assert risk.score == min(100, max(0, total))
    assert all(words(reason).endswith((".", "%(sic)s")) for reason in risk.reasons)
    assert from_json(json.loads(json.dumps(as_json(risk.reasons)))) == risk.reasons
    assert [reason.points for reason in risk.reasons] == sorted((reason.points for reason in risk.reasons), reverse=True)
    assert score(facts, NOW) == risk


@thorough
@given(offers, st.randoms(use_true_random=False))
def test_the_order_of_points_and_stores_is_of_no_account(facts, random):
    history, others = list(facts.history), list(facts.other_prices)
    random.shuffle(history)
    random.shuffle(others)
    assert score(replace(facts, history=tuple(history), other_prices=tuple(others)), NOW) == score(facts, NOW)


@thorough
@given(offers, st.sampled_from([3, 10, 100, 1000]))
def test_the_unit_of_prices_is_of_no_account(facts, factor):
    scaled = replace(
        facts,
        price=facts.price and facts.price * factor,
        list_price=facts.list_price and facts.list_price * factor,
        held_price=facts.held_price and facts.held_price * factor,
        other_prices=tuple((store, price * factor) for store, price in facts.other_prices),
        history=tuple(
            point._replace(price=point.price * factor, list_price=point.list_price and point.list_price * factor) for point in facts.history
        ),
    )
    assert score(scaled, NOW) == score(facts, NOW)


@thorough
@given(offers, st.integers(-(10**6), 10**6))
def test_the_date_is_of_no_account(facts, minutes):
    shift = timedelta(minutes=minutes)
    moved = replace(
        facts,
        confirmed_at=facts.confirmed_at and facts.confirmed_at + shift,
        history=tuple(point._replace(at=point.at + shift) for point in facts.history),
    )
    assert score(moved, NOW + shift) == score(facts, NOW)


@thorough
@given(offers)
def test_what_was_held_lies_ahead_or_is_no_price_never_counts(facts):
    real = tuple(point for point in facts.history if not point.held and point.price > 0 and point.at <= NOW)
    assert score(replace(facts, history=real), NOW) == score(facts, NOW)


@thorough
@given(offers)
def test_nothing_is_green_on_missing_data(facts):
    first = min((point.at for point in facts.history if not point.held and point.price > 0 and point.at <= NOW), default=NOW)
    missing = (
        facts.price is None or facts.price <= 0 or facts.currency_changed
        or facts.confirmed_at is None or NOW - facts.confirmed_at >= timedelta(days=7)
        or NOW - first < timedelta(days=7)
    )  # fmt: skip
    risk = score(facts, NOW)
    if missing:
        assert risk.bucket in {"unknown", "risky"}
    else:
        assert risk.bucket == ("risky" if risk.score >= 50 else "watch" if risk.score >= 25 else "safe")


noise = st.lists(st.integers(9_800, 10_200), min_size=1, max_size=12)


@thorough
@given(
    usual=noise,
    raised_for=st.integers(1, 25),
    reduced_ago=st.integers(0, 5),
    price=st.integers(6_000, 10_500),
    rises=st.tuples(st.integers(0, 30_000), st.integers(0, 30_000)).map(sorted),
    with_list=st.booleans(),
)
def test_a_larger_fake_rise_never_lowers_the_score(*, usual, raised_for, reduced_ago, price, rises, with_list):
    def after(rise: int) -> int:
        top = 10_200 + rise
        start = reduced_ago + raised_for
        calm = [(start + 5 * (len(usual) - index) + 30, paid) for index, paid in enumerate(usual)]
        list_price = top if with_list else None
        history = past(*calm, (start, top, list_price), (reduced_ago, price, list_price))
        return score(make_facts(price=price, list_price=list_price, history=history), NOW).score

    small, large = rises
    assert after(small) <= after(large)


@thorough
@given(price=st.integers(1_000, 50_000), claims=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(sorted), known=st.integers(0, 200))
def test_a_bolder_claim_on_an_unchanged_price_never_lowers_the_score(price, claims, known):
    small, large = (
        score(
            make_facts(price=price, list_price=price + claim, other_prices=(), history=past((known, price), (0.5, price, price + claim))), NOW
        ).score
        for claim in claims
    )
    assert small <= large


@thorough
@given(offers, st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted))
def test_an_older_confirmation_never_lowers_the_score(facts, days):
    fresh, old = (score(replace(facts, confirmed_at=ago(age)), NOW).score for age in days)
    assert fresh <= old


@thorough
@given(offers, prices)
def test_a_held_reading_never_lowers_the_score(facts, waiting):
    assert score(replace(facts, held_price=None), NOW).score <= score(replace(facts, held_price=waiting), NOW).score


def test_other_limits_give_another_bucket():
    facts = make_facts(availability="out_of_stock")
    assert score(facts, NOW).bucket == "safe"
    assert score(facts, NOW, replace(DEFAULT, watch_from=10)).bucket == "watch"
    assert score(facts, NOW, replace(DEFAULT, watch_from=5, risky_from=10)).bucket == "risky"


def test_a_ramp_is_nothing_below_its_foot_and_flat_above_its_top():
    ramp = Ramp(0.10, 10, 0.50, 30)
    assert [ramp.of(value) for value in (0.0, 0.0999, 0.10, 0.30, 0.50, 9.0)] == [0, 0, 10, 20, 30, 30]
