"""Offers as they are met, each with its whole verdict."""

import pytest

from catalog.risk.score import score
from catalog.risk.words import words
from tests.catalog.risk.offers import IN_LINE, NOW, ago, make_facts, past

STORIES = {
    "nothing to say": ({}, 0, "safe", []),
    "honest sale": (
        {"price": 8_200, "list_price": 10_000, "history": past((85, 10_000), (1, 8_200, 10_000))},
        0, "safe",
        [(-10, "The discount of 18 % is real: it holds against the 30 days before."), (-14, "18 % under the 90-day low.")],
    ),
    "flash sale of an hour": (
        {"price": 7_900, "list_price": 10_000, "history": past((85, 10_000), (0.04, 7_900, 10_000))},
        0, "safe",
        [(-10, "The discount of 21 % is real: it holds against the 30 days before."), (-15, "21 % under the 90-day low.")],
    ),
    "a flash sale every two weeks": (
        {"price": 8_000, "list_price": 10_000, "history": past((80, 10_000), (29, 8_000, 10_000), (28, 10_000), (15, 8_000, 10_000), (14, 10_000), (1, 8_000, 10_000))},
        20, "safe",
        [(20, "It claims 20 % off, but costs what it did at its lowest in the 30 days before.")],
    ),
    "a reduction in steps": (
        {"price": 7_000, "list_price": 10_000, "history": past((85, 10_000), (12, 9_000), (6, 8_000), (1, 7_000))},
        0, "safe",
        [(-10, "The discount of 30 % is real: it holds against the 30 days before."), (-15, "30 % under the 90-day low.")],
    ),
    "fake discount": (
        {"price": 9_990, "list_price": 14_100, "history": past((85, 10_000), (10, 14_100, 14_100), (1, 9_990, 14_100))},
        89, "risky",
        [
            (45, "The list price rose 41 % 9 days before this “discount”."),
            (27, "It claims 29 % off, but costs what it did at its lowest in the 30 days before."),
            (17, "The price rose 41 % and came back after 9 days."),
        ],
    ),
    "only the list price raised": (
        {"list_price": 14_100, "history": past((85, 10_000), (9, 10_000, 14_100))},
        72, "risky",
        [
            (45, "The list price rose 41 % on the day this “discount” began."),
            (27, "It claims 29 % off, but costs what it did at its lowest in the 30 days before."),
        ],
    ),
    "metade do dobro": (
        {"list_price": 20_000, "history": past((85, 10_000), (8, 20_000, 20_000), (1, 10_000, 20_000))},
        100, "risky",
        [
            (45, "The list price rose 100 % 7 days before this “discount”."),
            (36, "It claims 50 % off, but costs what it did at its lowest in the 30 days before."),
            (30, "The price rose 100 % and came back after 7 days."),
        ],
    ),
    "a discount above the old price": (
        {"price": 12_000, "list_price": 16_000, "history": past((85, 10_000), (5, 12_000, 16_000))},
        88, "risky",
        [
            (45, "The list price rose 60 % on the day this “discount” began."),
            (36, "It claims 25 % off, but is 20 % above the lowest price of the 30 days before."),
            (7, "20 % above the 90-day median."),
        ],
    ),
    "raised and lowered without a claim": (
        {"history": past((85, 10_000), (15, 16_000), (1, 10_000))},
        21, "safe",
        [(21, "The price rose 60 % and came back after 14 days.")],
    ),
    "glitch price": (
        {"price": 990, "sources": 4, "other_prices": IN_LINE, "history": past((85, 10_000), (0.1, 990))},
        90, "risky",
        [
            (50, "90 % under the 90-day median: likely an error or a trap."),
            (40, "90 % under the cheapest other store, Ponto: likely an error or a trap."),
        ],
    ),
    "glitch price at the only store": (
        {"price": 990, "sources": 1, "other_prices": (), "history": past((85, 10_000), (0.1, 990))},
        58, "risky",
        [(50, "90 % under the 90-day median: likely an error or a trap."), (8, "Only one source.")],
    ),
    "glitch price that was held": (
        {"held_price": 990, "sources": 4, "other_prices": IN_LINE, "history": past((85, 10_000), (0.1, 990, None, True))},
        25, "watch",
        [(25, "The store shows a price 90 % lower, which waits for a person.")],
    ),
    "a higher price that was held": (
        {"held_price": 15_000, "history": past((85, 10_000))},
        25, "watch",
        [(25, "The store shows a price 50 % higher, which waits for a person.")],
    ),
    "the whole market fell by half": (
        {"price": 4_500, "sources": 4, "other_prices": (("Kalunga", 4_600), ("Magalu", 4_700), ("Ponto", 4_400)),
         "history": past((85, 10_000), (2, 4_500))},
        0, "safe",
        [(-10, "In line with 3 other stores.")],
    ),
    "stale": (
        {"confirmed_at": ago(6.2), "sources": 4, "other_prices": IN_LINE},
        26, "watch",
        [(26, "The price was not confirmed for 6 days.")],
    ),
    "lost": (
        {"confirmed_at": ago(9.2), "sources": 4, "other_prices": IN_LINE},
        30, "unknown",
        [(30, "The price was not confirmed for 9 days, too long to judge it.")],
    ),
    "never confirmed": ({"confirmed_at": None}, 25, "unknown", [(25, "The price was never confirmed at the store.")]),
    "new offer": (
        {"history": past((3.5, 10_000))},
        20, "unknown",
        [(20, "Only 3 days of price history; a verdict needs 7.")],
    ),
    "new offer without any history": ({"history": ()}, 20, "unknown", [(20, "Only 0 days of price history; a verdict needs 7.")]),
    "new offer that is a trap all the same": (
        {"price": 990, "history": past((3.5, 990)), "list_price": 9_900},
        100, "risky",
        [
            (40, "90 % under the cheapest other store, Ponto: likely an error or a trap."),
            (36, "It claims 90 % off, but costs what it did at its lowest in the 30 days before."),
            (30, "A discount of 90 % is hard to believe."),
            (20, "Only 3 days of price history; a verdict needs 7."),
        ],
    ),
    "ten days old": (
        {"history": past((10.5, 10_000)), "sources": 1, "other_prices": ()},
        25, "watch",
        [(17, "Only 10 days of price history; 30 would be enough to be sure."), (8, "Only one source.")],
    ),
    "overridden wrong price": (
        {"price": 9_900, "override_active": True, "override_reason": "The page drops a comma.", "history": past((85, 9_900), (1, 99_000))},
        0, "safe",
        [(0, "A person set what is shown: The page drops a comma.")],
    ),
    "overridden glitch": (
        {"price": 9_900, "list_price": 12_000, "override_active": True, "history": past((85, 12_000), (20, 9_900), (3, 99))},
        0, "safe",
        [
            (0, "A person set what is shown."),
            (-10, "The discount of 18 % is real: it holds against the 30 days before."),
            (-13, "18 % under the 90-day low."),
        ],
    ),
    "overridden list price": (
        {"price": 9_900, "list_price": None, "override_active": True, "override_reason": "Never asked.", "history": past((85, 9_900, 19_900))},
        0, "safe",
        [(0, "A person set what is shown: Never asked.")],
    ),
    "outlet": (
        {"price": 12_000, "list_price": 20_000, "sources": 1, "other_prices": (), "history": past((85, 12_000, 20_000))},
        44, "watch",
        [(36, "It claims 40 % off, but costs what it did at its lowest in the 30 days before."), (8, "Only one source.")],
    ),
    "outlet in line with the others": (
        {"list_price": 16_700, "sources": 4, "other_prices": IN_LINE, "history": past((85, 10_000, 16_700))},
        26, "watch",
        [(36, "It claims 40 % off, but costs what it did at its lowest in the 30 days before."), (-10, "In line with 3 other stores.")],
    ),
    "a clearance that stands": (
        {"price": 4_000, "other_prices": (), "history": past((85, 10_000), (20, 4_000))},
        0, "safe", [],
    ),
    "dear": (
        {"price": 20_000, "history": past((85, 10_000), (5, 20_000))},
        43, "watch",
        [(25, "100 % above the 90-day median."), (18, "92 % above the cheapest other store, Ponto.")],
    ),
    "another currency": (
        {"currency_changed": True},
        25, "unknown",
        [(25, "The store's page changed its currency, so the price cannot be compared.")],
    ),
    "out of stock": ({"availability": "out_of_stock"}, 10, "safe", [(10, "Out of stock: nobody can buy at this price.")]),
    "restless": (
        {"history": past((85, 10_000), *[(28 - 2 * day, 10_000 + 900 * (day % 2)) for day in range(1, 13)], (1, 10_000))},
        10, "safe",
        [(10, "The price changed 12 times in 30 days.")],
    ),
    "a wrong price overridden for weeks": (
        {"price": 8_000, "override_active": True, "other_prices": (), "history": past((85, 8_000), (50, 80_000))},
        0, "safe",
        [(0, "A person set what is shown.")],
    ),
    "a list price that only a person saw": (
        {"price": 9_900, "list_price": 12_000, "override_active": True, "history": past((85, 9_900))},
        18, "safe",
        [(18, "It claims 18 % off, but costs what it did at its lowest in the 30 days before."), (0, "A person set what is shown.")],
    ),
    "a discount since seventy days": (
        {"price": 8_000, "list_price": 10_000, "other_prices": (), "history": past((85, 10_000), (70, 8_000, 10_000))},
        20, "safe",
        [(20, "It claims 20 % off, but costs what it did at its lowest in the 30 days before.")],
    ),
    "a discount after less than a month": (
        {"price": 8_200, "list_price": 10_000, "history": past((20, 10_000), (1, 8_200, 10_000))},
        0, "safe",
        [(9, "Only 20 days of price history; 30 would be enough to be sure."), (-14, "18 % under the 90-day low.")],
    ),
    "in line with most": (
        {"sources": 4, "other_prices": (("Ponto", 8_800), ("Kalunga", 9_900), ("Magalu", 10_100))},
        0, "safe",
        [(-10, "In line with 3 other stores.")],
    ),
    "another store that was not counted": ({"sources": 1}, 0, "safe", []),
    "half price where prices swing": (
        {"price": 4_900, "other_prices": (),
         "history": past((85, 6_000), (69, 14_000), (53, 8_000), (37, 12_000), (21, 10_000), (1, 4_900))},
        0, "safe", [],
    ),
    "dearer for six weeks": ({"history": past((100, 10_000), (45, 16_000), (1, 10_000))}, 0, "safe", []),
    "no price": ({"price": None}, 30, "unknown", [(30, "There is no price to judge.")]),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_verdict_on_a_story(story):
    facts, points, bucket, reasons = STORIES[story]
    risk = score(make_facts(**facts), NOW)
    assert [(reason.points, words(reason)) for reason in risk.reasons] == reasons
    assert (risk.score, risk.bucket) == (points, bucket)


@pytest.mark.parametrize(("days", "points"), [(30, [45]), (45, [22]), (59, [2]), (60, [])])
def test_a_raised_list_price_fades_with_its_age(days, points):
    history = past((120, 10_000), (days + 1, 14_000, 14_000), (1, 12_000, 14_000))
    risk = score(make_facts(price=12_000, list_price=14_000, history=history), NOW)
    assert [reason.points for reason in risk.reasons if reason.code == "list_raised"] == points


def test_a_price_of_several_points_in_one_moment_is_the_same_in_any_order():
    history = past((85, 10_000), (3, 9_000), (3, 8_000))
    assert score(make_facts(price=9_000, history=history), NOW) == score(make_facts(price=9_000, history=history[::-1]), NOW)


def test_plain_tuples_do_as_history():
    history = past((85, 10_000), (10, 14_100, 14_100), (1, 9_990, 14_100))
    plain = [tuple(point) for point in history]
    assert score(make_facts(price=9_990, list_price=14_100, history=plain), NOW) == score(
        make_facts(price=9_990, list_price=14_100, history=history), NOW
    )
