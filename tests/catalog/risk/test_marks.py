"""What a risk rests on, as moments for the chart."""

from typing import Any

from catalog.risk.marks import RiskMark, marks
from catalog.risk.score import score
from tests.catalog.risk.offers import NOW, ago, make_facts, past


def marked(**facts: Any) -> list[tuple[Any, ...]]:
    """As the risk's own reasons ask for them."""
    made = make_facts(**facts)
    return [tuple(mark) for mark in marks(made, NOW, [reason.code for reason in score(made, NOW).reasons])]


def plain(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [(at, kind, label.replace("\xa0", " "), price) for at, kind, label, price in found]


def test_fake_discount_shows_when_it_was_raised_when_it_began_and_the_price_before() -> None:
    found = marked(price=9_000, list_price=18_000, history=past((80, 10_000, 12_000), (12, 10_000, 18_000), (3, 9_000, 18_000)))
    assert plain(found) == [
        (ago(33), "low", "Lowest price of the 30 days before: R$100.00", 10_000),
        (ago(12), "raised", "List price raised to R$180.00", None),
        (ago(3), "reduced", "The reduction begins", None),
    ]


def test_price_under_the_low_of_90_days_shows_that_low() -> None:
    found = marked(price=7_500, history=past((85, 10_000), (40, 8_500), (30, 10_000), (2, 7_500)))
    assert plain(found) == [
        (ago(40), "low", "Lowest price of the 90 days before: R$85.00", 8_500),
        (ago(2), "reduced", "The reduction begins", None),
    ]


def test_claim_without_a_reduction_is_held_against_the_last_30_days() -> None:
    found = marked(list_price=15_000, history=past((85, 10_000, 15_000)))
    assert plain(found) == [(ago(30), "low", "Lowest price of the 30 days before: R$100.00", 10_000)]


def test_risk_that_rests_on_no_moment_has_no_marks() -> None:
    assert marked() == []
    assert marked(price=None) == []
    assert marks(make_facts(history=()), NOW, ["claim_gap", "list_raised"]) == []


def test_marks_are_only_of_the_reasons_asked_for() -> None:
    facts = make_facts(price=9_000, list_price=18_000, history=past((80, 10_000, 12_000), (12, 10_000, 18_000), (3, 9_000, 18_000)))
    assert [mark.kind for mark in marks(facts, NOW, ["raised_then_lowered"])] == ["reduced"]
    assert marks(facts, NOW, ["single_source"]) == []
    assert isinstance(marks(facts, NOW, ["list_raised"])[0], RiskMark)
