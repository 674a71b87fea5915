from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from catalog.models import Offer, Price
from tests.catalog.views.test_product import form_of, text
from tests.factories import make_offer, make_override, make_product, make_store
from tests.signing_in import sign_in

PICK, NEW = "/ops/offers/new/product/", "/ops/offers/new/"


@pytest.fixture
def editor(client: Client, operator: Person) -> Client:
    return sign_in(client, operator)


def typed(**values: Any) -> dict[str, Any]:
    valid = {
        "product": make_product(name="Air fryer").pk, "store": make_store().pk, "url": "https://casa.example/1", "title": "", "sku": "", "currency": "BRL",
        "price": "64,90", "list_price": "", "availability": "in_stock", "reason": "",
    }  # fmt: skip
    return valid | values


def test_the_product_is_found_first(editor: Client) -> None:
    assert editor.get(NEW)["Location"] == PICK
    assert "No product yet" in text(editor.get(PICK))
    product = make_product(name="Air fryer")
    make_product(name="Azeite")
    page = text(editor.get(f"{PICK}?q=fry&store=7"))
    assert (f'href="/ops/offers/new/?product={product.pk}&amp;store=7">Air fryer</a>' in page, "Azeite" in page) == (True, False)
    assert 'href="/ops/catalog/products/new/?name=zzz"' not in page
    assert "No product matches" in text(editor.get(f"{PICK}?q=zzz"))


def test_the_form_is_filled_with_what_is_known(editor: Client) -> None:
    product, store = make_product(name="Air fryer"), make_store(currency="USD")
    form = form_of(editor.get(f"{NEW}?product={product.pk}&store={store.pk}"))
    assert (form["product"], form["store"], form["currency"]) == (str(product.pk), str(store.pk), "USD")


def test_an_offer_is_added_by_a_form(editor: Client) -> None:
    response = editor.post(NEW, typed())
    offer = Offer.objects.get()
    assert (response.status_code, response["Location"], offer.price) == (302, f"/ops/offers/{offer.pk}/", 6490)


def test_a_list_price_below_the_price_is_only_warned_of(editor: Client) -> None:
    response = editor.post(NEW, typed(list_price="50,00"), follow=True)
    assert "The list price is below the price" in text(response)
    assert Offer.objects.get().list_price == 5000


def test_a_taken_address_leads_to_the_offer_that_has_it(editor: Client) -> None:
    other = make_offer(url="https://casa.example/1")
    response = editor.post(NEW, typed())
    assert response.status_code == 422
    assert f'<a href="/ops/offers/{other.pk}/">#{other.pk}</a>' in text(response)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("price", "cheap", "That is no amount"), ("price", "0", "more than 0"), ("price", "1.2345", "BRL has 2 decimal places"), ("url", "ftp://x", "begins with https://"),
        ("currency", "xyz", "is no currency"), ("store", "0", "Select a valid choice"), ("availability", "maybe", "Select a valid choice"),
    ],
)  # fmt: skip
def test_a_slip_is_said_at_its_field_and_nothing_typed_is_lost(editor: Client, field: str, value: str, words: str) -> None:
    response = editor.post(NEW, typed(title="Kept <as> typed", price="64.90") | {field: value})
    page = text(response)
    assert (response.status_code, Offer.objects.count(), 'value="Kept &lt;as&gt; typed"' in page) == (422, 0, True)
    assert words in page


def test_an_edit_of_the_price_goes_into_the_history(editor: Client) -> None:
    offer = make_offer(price=123_456)
    form = form_of(editor.get(f"/ops/offers/{offer.pk}/edit/"))
    assert (form["price"], form["version"]) == ("1234.56", "1")
    assert editor.post(f"/ops/offers/{offer.pk}/edit/", form | {"price": "1000"}).status_code == 302
    assert list(Price.objects.values_list("price", "source", "by")) == [(100_000, "person", "Diego Rocha (Engineer)")]


def test_the_form_says_that_an_override_lies_over_it(editor: Client) -> None:
    offer = make_offer()
    path = f"/ops/offers/{offer.pk}/edit/"
    assert "To hold a price, override it" in text(editor.get(path))
    make_override(offer)
    assert "What is shown of this offer is overridden" in text(editor.get(path))


def test_the_second_of_two_editors_sees_the_first_ones_change(editor: Client) -> None:
    offer, store = make_offer(price=10_000, store=make_store(name="Casa")), make_store(name="Mega")
    path = f"/ops/offers/{offer.pk}/edit/"
    mine, theirs = form_of(editor.get(path)), form_of(editor.get(path))
    assert editor.post(path, theirs | {"price": "90", "store": str(store.pk)}).status_code == 302
    response = editor.post(path, mine | {"price": "80"})
    page = text(response)
    assert (response.status_code, Offer.objects.get().price) == (422, 9_000)
    row = '<th scope="row">{}</th><td data-label="You saw"><del>{}</del></td><td data-label="It is now"><ins>{}</ins></td>'
    assert row.format("Price", "100.00", "90.00") + '<td data-label="You typed"><b>80</b></td>' in page
    assert row.format("Store", "Casa", "Mega") in page
    assert editor.post(path, form_of(response)).status_code == 302
    offer.refresh_from_db()
    assert (offer.price, offer.store_id, offer.version) == (8_000, store.pk, 3)


def test_an_offer_is_moved_to_another_product(editor: Client) -> None:
    offer, product = make_offer(), make_product(name="Azeite")
    page = text(editor.get(f"{PICK}?q=azeite&offer={offer.pk}"))
    assert f'href="/ops/offers/{offer.pk}/edit/?product={product.pk}"' in page
    form = form_of(editor.get(f"/ops/offers/{offer.pk}/edit/?product={product.pk}"))
    assert editor.post(f"/ops/offers/{offer.pk}/edit/", form).status_code == 302
    offer.refresh_from_db()
    assert offer.product_id == product.pk


def test_an_offer_that_is_moved_while_somebody_edits_it_is_moved_all_the_same(editor: Client) -> None:
    offer, product = make_offer(title="Old"), make_product(name="Azeite")
    path = f"/ops/offers/{offer.pk}/edit/"
    mine, theirs = form_of(editor.get(f"{path}?product={product.pk}")), form_of(editor.get(path))
    assert editor.post(path, theirs | {"title": "New"}).status_code == 302
    response = editor.post(path, mine)
    assert (response.status_code, '<th scope="row">Product</th>' in text(response)) == (422, False)
    assert editor.post(path, form_of(response)).status_code == 302
    offer.refresh_from_db()
    assert (offer.product_id, offer.title) == (product.pk, "New")


def test_an_offer_is_archived_with_a_reason_and_restored(editor: Client) -> None:
    offer = make_offer()
    assert editor.post(f"/ops/offers/{offer.pk}/archive/", {"reason": ""}).status_code == 422
    assert editor.post(f"/ops/offers/{offer.pk}/archive/", {"reason": "gone"})["Location"] == f"/ops/offers/{offer.pk}/"
    offer.refresh_from_db()
    assert offer.status == "archived"
    assert "It is shown again with the price it had" in text(editor.get(f"/ops/offers/{offer.pk}/restore/"))
    assert editor.post(f"/ops/offers/{offer.pk}/restore/", {"reason": ""}).status_code == 302
    offer.refresh_from_db()
    assert offer.status == "active"
