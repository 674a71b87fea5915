"""What each filter of the list lets through, alone and together."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Offer
from catalog.queries.offer import FLAGS, Wanted, find_offers, held_waiting
from opsportal import clock
from tests.factories import make_alert, make_offer, make_override, make_product, make_store

pytestmark = pytest.mark.django_db


def found(**wanted: Any) -> list[Offer]:
    if "flags" in wanted:
        wanted["flags"] = frozenset(wanted["flags"].split())
    offers, order = find_offers(Wanted(**wanted))
    return list(offers.order_by(*(f"-{name}" for name in order)))


def test_list_holds_the_active_ones_newest_change_first() -> None:
    now = clock.now()
    first, second = make_offer(updated_at=now - timedelta(days=2)), make_offer(updated_at=now)
    make_offer(status="archived")
    assert found() == [second, first]


def test_exact_filters() -> None:
    store, product = make_store(), make_product(category="toys")
    one = make_offer(store=store, product=product, bucket="risky")
    make_offer(bucket="safe")
    for wanted in ({"store": store.pk}, {"product": product.pk}, {"category": "toys"}, {"bucket": "risky"}):
        assert found(**wanted) == [one]
    assert found(store=store.pk, bucket="safe") == []


def test_each_flag_lets_through_its_own() -> None:
    now = clock.now()
    plain = make_offer()
    kinds = {
        "stale": make_offer(confirmed_at=now - timedelta(hours=49)),
        "unconfirmed": make_offer(confirmed_at=None),
        "overridden": make_override(make_offer()).offer,
        "held": make_offer(held_at=now, held_price=1),
        "failing": make_offer(failures=1),
        "out_of_stock": make_offer(availability="out_of_stock"),
        "alerting": make_offer(product=make_alert().product),
        "archived": make_offer(status="archived"),
    }
    assert set(kinds) == set(FLAGS)
    assert {flag: found(flags=flag) for flag in kinds} == {flag: [offer] for flag, offer in kinds.items()}
    assert set(found()) == {plain, *kinds.values()} - {kinds["archived"]}


def test_flags_hold_together() -> None:
    both = make_offer(failures=1, confirmed_at=clock.now() - timedelta(hours=49))
    make_offer(failures=1)
    assert found(flags="failing stale") == [both]
    assert found(flags="failing archived") == []


def test_stale_begins_after_48_hours_and_the_last_confirmed_come_first() -> None:
    now = clock.now()
    make_offer(confirmed_at=now - timedelta(hours=47, minutes=59))
    old, older = make_offer(confirmed_at=now - timedelta(days=3)), make_offer(confirmed_at=now - timedelta(days=4))
    assert found(flags="stale") == [old, older]


def test_ended_overrides_and_alerts_do_not_count() -> None:
    now = clock.now()
    make_override(make_offer(), expires_at=now - timedelta(hours=1))
    make_override(make_offer(), ended_at=now, ended_because="reverted")
    make_offer(product=make_alert(status="paused").product)
    assert (found(flags="overridden"), found(flags="alerting")) == ([], [])


def test_out_of_stock_is_what_is_shown() -> None:
    tracked = make_offer(availability="out_of_stock")
    said = make_override(make_offer(), field="availability", amount=None, availability="out_of_stock").offer
    make_override(make_offer(availability="out_of_stock"), field="availability", amount=None, availability="in_stock")
    assert set(found(flags="out_of_stock")) == {tracked, said}


def test_search_is_in_the_offers_own_words_and_its_products() -> None:
    one = make_offer(title="Air fryer 4 L", sku="AF-4", url="https://shop.example/air")
    other = make_offer(title="", product=make_product(name="Azeite EXTRA virgem", brand="Gallo", gtin="4006381333931"))
    for text, offers in {"FRYER": [one], "fryer air": [one], "af-4": [one], "shop.example/air": [one], "virgem": [other], "gallo azeite": [other], "4006381333931": [other], "fryer virgem": [], "100%": [], "_": []}.items():  # fmt: skip
        assert found(text=text) == offers, text


def test_search_for_one_or_two_letters_is_for_beginnings_of_words() -> None:
    one = make_offer(title="Ócio e vinho", product=make_product(name="x"))
    make_offer(title="Biscoito", product=make_product(name="y"))
    assert (found(text="ó"), found(text="vi"), found(text="ci")) == ([one], [one], [])


def test_held_waiting_counts_active_ones_up_to_the_most() -> None:
    for _number in range(3):
        make_offer(held_at=clock.now(), held_price=1)
    make_offer(held_at=clock.now(), held_price=1, status="archived")
    assert (held_waiting(), held_waiting(2)) == (3, 2)
