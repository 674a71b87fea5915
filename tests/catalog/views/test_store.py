from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from catalog.models import Store
from tests.catalog.views.test_product import form_of, text
from tests.factories import make_offer, make_store
from tests.signing_in import sign_in

LIST = "/ops/catalog/stores/"
TYPED: dict[str, Any] = {
    "key": "casa-bela", "name": "Casa Bela", "currency": "brl", "source": "page", "feed_url": "", "max_concurrency": "2", "delay_ms": "500",
    "is_active": "on", "reason": "",
}  # fmt: skip


@pytest.fixture
def editor(client: Client, operator: Person) -> Client:
    return sign_in(client, operator)


def test_an_empty_list_says_how_to_begin(editor: Client) -> None:
    assert "No store yet" in text(editor.get(LIST))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(editor: Client, count: int) -> None:
    for _number in range(count):
        make_offer(failures=1)
    editor.get(LIST)
    with CaptureQueriesContext(connection) as seen:
        assert editor.get(LIST).status_code == 200
    # The page, and its health.
    assert len([query for query in seen if "stores" in query["sql"]]) == 2


def test_the_list_shows_how_each_stands(editor: Client) -> None:
    store = make_store(name="Casa")
    make_offer(store=store)
    make_offer(store=store, failures=1)
    page = text(editor.get(LIST))
    assert "some fail" in page
    assert f'href="/ops/offers/?store={store.pk}">2</a>' in page
    assert f'href="/ops/offers/?store={store.pk}&amp;failing=1">1</a>' in page


def test_a_store_is_added_by_a_form(editor: Client) -> None:
    assert "DatabaseDefault" not in text(editor.get(f"{LIST}new/"))
    response = editor.post(f"{LIST}new/", TYPED)
    store = Store.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"{LIST}{store.pk}/")
    assert (store.key, store.currency, store.delay_ms, store.is_active) == ("casa-bela", "BRL", 500, True)
    assert "casa-bela" in text(editor.get(response["Location"]))


def test_a_taken_key_leads_to_the_store_that_has_it(editor: Client) -> None:
    other = make_store(key="casa-bela", name="The first")
    response = editor.post(f"{LIST}new/", TYPED)
    assert response.status_code == 422
    assert f'<a href="{LIST}{other.pk}/">#{other.pk}</a>' in text(response)


def test_a_feed_needs_its_address(editor: Client) -> None:
    response = editor.post(f"{LIST}new/", TYPED | {"source": "feed"})
    assert (response.status_code, "This is needed" in text(response)) == (422, True)


def test_an_edit_keeps_the_key_and_can_stop_asking(editor: Client) -> None:
    store = make_store(key="casa", name="Casa")
    typed = form_of(editor.get(f"{LIST}{store.pk}/edit/"))
    assert "key" not in typed
    del typed["is_active"]
    assert editor.post(f"{LIST}{store.pk}/edit/", typed | {"key": "other"}).status_code == 302
    store.refresh_from_db()
    assert (store.key, store.is_active, store.version) == ("casa", False, 2)
    assert "not asked" in text(editor.get(LIST))


def test_the_second_of_two_editors_sees_the_first_ones_change(editor: Client) -> None:
    store = make_store(name="Casa")
    path = f"{LIST}{store.pk}/edit/"
    typed, theirs = form_of(editor.get(path)), form_of(editor.get(path))
    del theirs["is_active"]
    assert editor.post(path, theirs | {"delay_ms": "900"}).status_code == 302
    response = editor.post(path, typed | {"name": "Casa Bela"})
    page = text(response)
    assert response.status_code == 422
    assert "Diego Rocha (Engineer) changed this meanwhile" in page
    assert [label for label in ("Name", "Ask it for prices", "Milliseconds between two calls") if f'<th scope="row">{label}</th>' in page] == [
        "Ask it for prices", "Milliseconds between two calls",
    ]  # fmt: skip
    again = form_of(response)
    assert ("is_active" in again, again["delay_ms"], again["name"]) == (False, "900", "Casa Bela")
    assert editor.post(path, again).status_code == 302
    store.refresh_from_db()
    assert (store.name, store.delay_ms, store.is_active) == ("Casa Bela", 900, False)
