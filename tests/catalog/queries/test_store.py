from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.forms.offer import OfferForm
from catalog.forms.wishes import WishesForm
from catalog.models import Profile, Store
from catalog.queries import store as queries
from catalog.queries.store import choices, health_of
from opsportal import clock
from tests.factories import make_offer, make_store

pytestmark = pytest.mark.django_db


def tone(store: Store) -> str:
    (health,) = health_of([store])
    return health.tone


def test_health_counts_active_offers_and_those_that_fail() -> None:
    store, now = make_store(), clock.now()
    make_offer(store=store, confirmed_at=now - timedelta(hours=3))
    make_offer(store=store, confirmed_at=now, failures=2)
    make_offer(store=store, status="archived", failures=1)
    make_offer()
    (health,) = health_of([store])
    assert (health.offers, health.failing, health.confirmed_at, health.tone) == (2, 1, now, "warn")


def test_health_counts_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 2)
    store = make_store()
    for _number in range(3):
        make_offer(store=store, failures=1)
    (health,) = health_of([store])
    assert (health.offers, health.failing) == (2, 2)


def test_tone_is_unknown_without_an_answer_and_off_when_nobody_asks() -> None:
    assert tone(make_store()) == "unknown"
    assert tone(make_offer(confirmed_at=None).store) == "unknown"
    assert tone(make_offer().store) == "ok"
    assert tone(make_offer(failures=1).store) == "fail"
    assert tone(make_offer(store=make_store(is_active=False)).store) == "off"


@pytest.mark.parametrize("count", [1, 3])
def test_health_takes_one_query_in_the_order_given(count: int) -> None:
    stores = [make_offer().store for _number in range(count)][::-1]
    with CaptureQueriesContext(connection) as seen:
        assert [health.store for health in health_of(stores)] == stores
    assert len(seen) == 1


def test_choices_stand_by_name() -> None:
    b, a = make_store(name="B"), make_store(name="A")
    assert choices() == [(a.pk, "A"), (b.pk, "B")]


def test_choices_hold_what_is_held_however_many_there_are(monkeypatch: Any) -> None:
    monkeypatch.setattr("catalog.queries.store.OFFERED", 1)
    a, _b, c = (make_store(name=name) for name in "ABC")
    assert choices([c.pk, str(a.pk), None, "x", "", 0]) == [(a.pk, "A"), (c.pk, "C")]


def test_forms_keep_a_store_that_is_not_among_the_first(monkeypatch: Any) -> None:
    monkeypatch.setattr("catalog.queries.store.OFFERED", 1)
    make_store(name="A")
    last, offer = make_store(name="Z"), make_offer(store=make_store(name="Y"))
    same = OfferForm.of(offer)
    typed = OfferForm({**{name: same[name].value() or "" for name in same.fields}, "store": str(last.pk)})
    assert (f'<option value="{offer.store_id}" selected>Y</option>' in str(same["store"]), typed.is_valid()) == (True, True)
    assert typed.cleaned_data["store"] == last.pk
    wishes = WishesForm(Profile(excluded_stores=[last.pk]), {"excluded_stores": [str(last.pk)], "currency": "BRL"})
    assert (wishes.is_valid(), wishes.wishes()["excluded_stores"]) == (True, [last.pk])
