import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from catalog.actions import change_product
from catalog.models import Product
from tests.factories import make_alert, make_offer, make_override, make_product, make_store
from tests.signing_in import sign_in

LIST = "/ops/catalog/"
NEW = "/ops/catalog/products/new/"
TYPED = {"name": "Air fryer", "brand": "Mondial", "category": "kitchen", "gtin": "4006381333931", "image_url": "", "reason": ""}


@pytest.fixture
def editor(client: Client, operator: Person) -> Client:
    return sign_in(client, operator)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def form_of(response: Any) -> dict[str, str]:
    """What a browser would send back of the page's form, untouched."""
    form = re.search(r'<form class="panel__body form.*?</form>', response.content.decode(), re.DOTALL)
    assert form is not None
    found = {}
    for tag in re.findall(r"<input [^>]*>", form.group()):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (('type="radio"' not in tag and 'type="checkbox"' not in tag) or "checked" in tag):
            found[name.group(1)] = value.group(1) if value else ""
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form.group(), re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen.group(1) if chosen else ""
    return found


def test_an_empty_catalog_leads_to_the_first_store(editor: Client) -> None:
    page = text(editor.get(LIST))
    assert "No product yet" in page
    assert 'href="/ops/catalog/stores/new/"' in page


def test_a_viewer_sees_lists_without_buttons(client: Client, viewer: Person) -> None:
    product = make_offer().product
    sign_in(client, viewer)
    for path in (LIST, f"{LIST}products/{product.pk}/", f"{LIST}stores/", "/ops/offers/"):
        page = text(client.get(path))
        assert [word for word in ("Add a", "Add an", ">Edit", "Archive…", "Add the first") if word in page] == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(editor: Client, count: int) -> None:
    for _number in range(count):
        make_override(make_offer())
    editor.get(LIST)
    with CaptureQueriesContext(connection) as seen:
        assert editor.get(LIST).status_code == 200
    # Held ones (navigation), categories, the page, its offers, the cheapest of them; the frame's own are not ours.
    own = [query["sql"] for query in seen if '"products"' in query["sql"] or '"offers"' in query["sql"] or "FROM products" in query["sql"]]
    assert len(own) == 5


def test_the_list_searches_and_filters(editor: Client) -> None:
    make_product(name="Air fryer", category="kitchen")
    make_product(name="Azeite", category="grocery")
    for query, shown in {
        "q=fry": (True, False),
        "category=grocery": (False, True),
        "q=zzz": (False, False),
        "without_offers=1": (True, True),
    }.items():
        page = text(editor.get(f"{LIST}?{query}"))
        assert (">Air fryer</a>" in page, ">Azeite</a>" in page) == shown, query
    assert "No product matches" in text(editor.get(f"{LIST}?q=zzz"))


def test_a_products_page_shows_its_offers_side_by_side(editor: Client) -> None:
    product = make_product(name="Air fryer", gtin="4006381333931")
    make_offer(product=product, store=make_store(name="Casa"), price=10_000)
    make_override(make_offer(product=product, store=make_store(name="Mega"), price=20_000, list_price=30_000), amount=15_000)
    make_alert(product=product)
    page = text(editor.get(f"{LIST}products/{product.pk}/"))
    assert "R$100.00 to R$150.00: the dearest costs 50 % more" in page
    assert "overridden; the store says R$200.00" in page
    assert "−50 %" in page
    assert "<dt>Active price alerts</dt><dd>1</dd>" in page


@pytest.mark.parametrize("count", [1, 3])
def test_a_products_page_takes_the_same_queries_for_any_number_of_offers(editor: Client, count: int) -> None:
    product = make_product()
    for _number in range(count):
        make_offer(product=product)
    editor.get(f"{LIST}products/{product.pk}/")
    with CaptureQueriesContext(connection) as seen:
        assert editor.get(f"{LIST}products/{product.pk}/").status_code == 200
    own = [query["sql"] for query in seen if '"products"' in query["sql"] or '"offers"' in query["sql"]]
    # Held ones (navigation), the product, its offers.
    assert len(own) == 3


def test_a_product_is_added_by_a_form(editor: Client) -> None:
    response = editor.post(NEW, TYPED)
    product = Product.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"{LIST}products/{product.pk}/")
    assert "Add the offers of its stores" in text(editor.get(response["Location"]))


def test_a_taken_gtin_leads_to_the_product_that_has_it(editor: Client) -> None:
    other = make_product(name="The <first>", gtin="4006381333931")
    response = editor.post(NEW, TYPED)
    page = text(response)
    assert response.status_code == 422
    assert f'This GTIN belongs to “The &lt;first&gt;”. <a href="/ops/catalog/products/{other.pk}/">#{other.pk}</a>' in page
    assert 'value="Mondial"' in page


def test_a_form_with_a_slip_keeps_what_was_typed(editor: Client) -> None:
    response = editor.post(NEW, TYPED | {"gtin": "4006381333932"})
    assert response.status_code == 422
    assert ("That is no GTIN" in text(response), 'value="4006381333932"' in text(response)) == (True, True)


def test_an_edit_is_saved_with_the_version_that_was_seen(editor: Client) -> None:
    product = make_product(name="Air fryer")
    path = f"{LIST}products/{product.pk}/edit/"
    typed = form_of(editor.get(path)) | {"name": "Air fryer 4 L"}
    assert editor.post(path, typed).status_code == 302
    product.refresh_from_db()
    assert (product.name, product.version) == ("Air fryer 4 L", 2)


def test_the_second_of_two_editors_sees_the_first_ones_change(editor: Client, owner: Person) -> None:
    product = make_product(name="Air fryer", brand="Mondial", category="kitchen")
    path = f"{LIST}products/{product.pk}/edit/"
    typed = form_of(editor.get(path)) | {"name": "Fryer, mine", "category": "home"}
    change_product(actor=owner.actor, product_id=product.pk, version=1, name="Fryer, hers", brand="Arno", category="kitchen", gtin="", image_url="")
    response = editor.post(path, typed)
    page = text(response)
    assert (response.status_code, Product.objects.get().name) == (422, "Fryer, hers")
    assert "What Ana Souza (CTO) changed while you were typing" in page
    # Both changed the name; the brand was left alone here and is taken over; the category is only typed here.
    row = '<th scope="row">{}</th><td data-label="You saw"><del>{}</del></td><td data-label="It is now"><ins>{}</ins></td><td data-label="You typed">{}</td>'
    assert row.format("Name", "Air fryer", "Fryer, hers", "<b>Fryer, mine</b>") in page
    assert row.format("Brand", "Mondial", "Arno", '<span class="muted">nothing: theirs is taken over</span>') in page
    assert '<th scope="row">Category</th>' not in page
    again = form_of(response)
    assert (again["name"], again["brand"], again["category"], again["version"]) == ("Fryer, mine", "Arno", "home", "2")
    assert "Save over it" in page
    assert editor.post(path, again).status_code == 302
    product.refresh_from_db()
    assert (product.name, product.brand, product.category, product.version) == ("Fryer, mine", "Arno", "home", 3)


def test_saving_over_a_version_that_is_old_again_is_refused_again(editor: Client, owner: Person) -> None:
    product = make_product(name="Air fryer")
    path = f"{LIST}products/{product.pk}/edit/"
    typed = form_of(editor.get(path)) | {"name": "Mine"}
    for number in (1, 2):
        change_product(actor=owner.actor, product_id=product.pk, version=number, name=f"Hers {number}", brand="", category="", gtin="", image_url="")
        response = editor.post(path, typed)
        assert (response.status_code, f"<ins>Hers {number}</ins>" in text(response)) == (422, True)
        typed = form_of(response)
    assert editor.post(path, typed).status_code == 302
    assert Product.objects.get().name == "Mine"


def test_a_form_without_a_version_overwrites_nothing(editor: Client) -> None:
    product = make_product(name="Air fryer")
    assert editor.post(f"{LIST}products/{product.pk}/edit/", TYPED).status_code == 422
    assert Product.objects.get().name == "Air fryer"


def test_archiving_says_what_goes_with_it_and_restoring_what_comes_back(editor: Client) -> None:
    product = make_product(name="Air fryer")
    for _number in range(2):
        make_offer(product=product)
    make_alert(product=product)
    page = text(editor.get(f"{LIST}products/{product.pk}/archive/"))
    assert ("Its 2 active offers are archived with it" in page, "The 1 active price alert on it stays" in page) == (True, True)
    assert editor.post(f"{LIST}products/{product.pk}/archive/", {"reason": ""}).status_code == 422
    assert editor.post(f"{LIST}products/{product.pk}/archive/", {"reason": "recalled"}).status_code == 302
    page = text(editor.get(f"{LIST}products/{product.pk}/"))
    assert ("This product is archived" in page, "With it come back 2 offers" in page) == (True, True)
    assert editor.post(f"{LIST}products/{product.pk}/restore/", {"reason": ""}).status_code == 302
    assert list(product.offers.values_list("status", flat=True)) == ["active", "active"]


def test_the_history_says_who_changed_what(editor: Client, owner: Person) -> None:
    product = make_product(name="Air fryer")
    change_product(
        actor=owner.actor, product_id=product.pk, version=1, name="Fryer", brand="", category="kitchen", gtin="", image_url="", reason="short"
    )
    page = text(editor.get(f"{LIST}products/{product.pk}/"))
    assert "Ana Souza (CTO): wrote a product</a><small>short · name: Air fryer → Fryer</small>" in page
