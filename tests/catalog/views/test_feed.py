from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from audit.models import AuditLog
from beta.models import Household
from catalog.models import Profile
from catalog.views.feed_drawing import changed_by_link
from switches.actions import turn_off
from tests.factories import make_alert, make_household, make_offer, make_store
from tests.signing_in import sign_in

FEED = "/ops/feed/"
FROZEN = "Risk and buckets are frozen"


@pytest.fixture
def desk(client: Client, support: Person) -> Client:
    return sign_in(client, support)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def asks(**wishes: Any) -> Household:
    household = make_household(name="Casa Azul")
    Profile.objects.create(household=household, **wishes)
    return household


def page_of(household: Household) -> str:
    return reverse("feed_household", args=[household.pk])


def test_an_empty_portal_says_where_households_come_from(desk: Client) -> None:
    page = text(desk.get(FEED))
    assert "No household is active yet" in page
    assert 'href="/ops/beta/"' in page


def test_the_feed_page_counts_and_lists_who_sees_nothing(desk: Client) -> None:
    make_offer()
    asks(max_price=1, categories=["kitchen"])
    make_household(name="Casa Cheia")
    page = text(desk.get(FEED))
    assert '<span class="fig">100.0 %' in page
    assert "Casa Azul" in page
    assert "up to R$0.01" in page
    assert "Casa Cheia" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_feed_page_takes_the_same_queries_for_any_number(desk: Client, count: int, django_assert_max_num_queries: Any) -> None:
    for _number in range(count):
        asks(max_price=1)
    desk.get(FEED)
    with django_assert_max_num_queries(28):
        assert desk.get(FEED).status_code == 200


def test_a_household_is_explained_with_the_change_that_helps_most(desk: Client) -> None:
    store = make_store(name="Loja Azul")
    for _number in range(3):
        make_offer(price=34_000)
    make_offer(price=10_000, store=store)
    household = asks(max_price=20_000, excluded_stores=[store.pk])
    make_alert(household=household)
    page = text(desk.get(page_of(household)))
    assert "Sees 0 items." in page
    first, second = page.index("Raise the highest price from R$200.00 to R$350.00"), page.index("Take back the exclusion of Loja Azul")
    assert first < second
    assert "+3 items" in page
    assert f"{reverse('feed_wishes', args=[household.pk])}?max_price=35000" in page
    assert "Product" in page


def test_the_link_of_a_suggestion_fills_the_form_in_and_keeping_it_grows_the_feed(desk: Client) -> None:
    store = make_store()
    make_offer(store=store)
    household = asks(excluded_stores=[store.pk], categories=["kitchen"], min_saving=None)
    link = f"{reverse('feed_wishes', args=[household.pk])}?excluded_stores="
    page = text(desk.get(link))
    assert 'name="excluded_stores"' in page
    assert f'value="{store.pk}" checked' not in page
    done = desk.post(
        reverse("feed_wishes", args=[household.pk]), {"categories": ["kitchen"], "currency": "brl", "max_price": "200.00", "reason": "by mail"}
    )
    assert done.headers["Location"] == page_of(household)
    profile = Profile.objects.get()
    assert (profile.excluded_stores, profile.max_price, profile.currency) == ([], 20_000, "BRL")
    assert AuditLog.objects.get(action_type="CHANGE_WISHES").reason == "by mail"
    assert "Sees 1 item." in text(desk.get(page_of(household)))


@pytest.mark.parametrize(
    "values",
    [
        {"currency": "XXQ"},
        {"currency": "BRL", "max_price": "x"},
        {"currency": "BRL", "min_saving": "100"},
        {"currency": "BRL", "categories": ["moon"]},
    ],
)
def test_a_form_that_makes_no_sense_keeps_what_was_typed(desk: Client, values: dict[str, Any]) -> None:
    household = asks(max_price=20_000)
    answer = desk.post(reverse("feed_wishes", args=[household.pk]), values)
    assert answer.status_code == 422
    assert Profile.objects.get().max_price == 20_000


def test_the_link_takes_only_what_makes_sense(rf: Any) -> None:
    query = rf.get(
        "/", {"categories": ["a", ""], "excluded_stores": ["1", "x", "9" * 40], "max_price": "1e9", "min_saving": "", "currency": "EURO", "evil": "1"}
    ).GET
    assert changed_by_link(query) == {"categories": ["a"], "excluded_stores": [1], "min_saving": None}


def test_a_viewer_sees_without_buttons(client: Client, viewer: Person) -> None:
    make_offer(price=34_000)
    household = asks(max_price=20_000)
    page = text(sign_in(client, viewer).get(page_of(household)))
    assert "Raise the highest price" in page
    assert [word for word in ("Fill in…", "Change its wishes…") if word in page] == []


def test_a_removed_household_shows_that_it_gets_nothing(desk: Client) -> None:
    household = asks()
    Household.objects.update(status="removed")
    page = text(desk.get(page_of(household)))
    assert "Removed: nothing is shown to it." in page
    assert "Change its wishes…" not in page


def test_frozen_scores_are_said_to_be_frozen(desk: Client, operator: Person) -> None:
    household = asks()
    assert FROZEN not in text(desk.get(FEED))
    turn_off(actor=operator.actor, name="ENABLE_ANTI_CILADA", reason="wrong scores")
    assert FROZEN in text(desk.get(FEED))
    assert FROZEN in text(desk.get(page_of(household)))
