"""The sample's five days at the providers."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox import story
from sandbox.providers.journal import Journal
from sandbox.providers.world import World

LOADED = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def world() -> World:
    return World.new(portal="http://portal.example", seed=story.SEED)


def books_of(one: World) -> list[Any]:
    return [one.stripe.books.checkouts, one.mercadopago.books.checkouts]


def test_every_telling_makes_the_same_objects() -> None:
    first, second = world(), world()
    told = [story.tell(one, LOADED) for one in (first, second)]
    assert books_of(first) == books_of(second)
    assert [one.payment for one in told[0]] == [one.payment for one in told[1]]
    assert ([event["id"] for event in first.stripe.events], first.sender.waiting) == ([event["id"] for event in second.stripe.events], [])


def test_everything_a_desk_sees_is_told() -> None:
    told = story.tell(world(), LOADED)
    assert (len(told), len({one.tale.reference for one in told})) == (60, 60)
    assert set(Counter(one.tale.ends for one in told)) == set(story.ENDS)
    assert {one.tale.twist for one in told} == {"", "linked_late", "plan_stayed", "not_confirmed"}
    assert {(one.tale.provider, one.tale.mode) for one in told} == {("stripe", "payment"), ("stripe", "subscription"), ("mercadopago", "payment")}
    assert all(LOADED - timedelta(days=5) < at < LOADED for one in told for at, _verb, _letters in one.acts)


def test_what_a_person_made_happen_is_there_after_a_restart(tmp_path: Path) -> None:
    path, first, second = tmp_path / "journal", world(), world()
    journal = Journal(path, first, first.control(), LOADED)
    journal.replay()
    checkout = first.stripe.start_checkout("chk_hand", amount=100)
    journal.write("stripe", "start_checkout", {"reference": "chk_hand", "amount": 100})
    first.stripe.pay(checkout)
    journal.write("stripe", "pay", {"checkout": checkout})
    journal.write("stripe", "trouble", {"kind": "500"})
    assert Journal(path, second, second.control(), LOADED).replay() == 2
    again = second.stripe.books.checkouts[checkout]
    assert (again.reference, again.state, second.sender.waiting) == ("chk_hand", "paid", [])
    third = world()
    assert Journal(path, third, third.control(), LOADED + timedelta(days=1)).replay() == 0
    assert json.loads(path.read_text()) == {"sample_at": "2026-11-21T12:30:00+00:00"}
