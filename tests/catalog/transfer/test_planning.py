"""What the preview says of each line, against a catalog that is there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from tests.catalog.transfer.files import GTIN, OTHER_GTIN, changes, lines, uploaded, xlsx
from tests.factories import make_offer, make_override, make_product, make_store

NEW_PRODUCT = {"brand": "", "category": "", "gtin": None, "image_url": "", "status": "active"}


@pytest.fixture
def tea(db):
    return make_product(name="Tea", brand="Aurora", category="groceries", gtin=GTIN)


@pytest.fixture
def offer(tea):
    return make_offer(product=tea, store=make_store(key="acme"), url="https://acme.example/tea", title="Tea 500 g", price=6490, list_price=7990)


def test_product_is_found_by_id_gtin_or_name(owner, tea):
    job = uploaded(owner, "products", f"id,gtin,name,brand,category\n{tea.pk},,,Aurora,a\n")
    assert (lines(job), changes(job, 2)) == ([(2, "changed", "")], ({"category": "groceries"}, {"category": "a"}))
    job = uploaded(owner, "products", f"gtin,category\n{GTIN},b\n")
    assert changes(job, 2) == ({"category": "groceries"}, {"category": "b"})
    job = uploaded(owner, "products", "name,brand,category\n tea,AURORA,c\n")
    assert changes(job, 2) == ({"name": "Tea", "brand": "Aurora", "category": "groceries"}, {"name": "tea", "brand": "AURORA", "category": "c"})


def test_product_that_nobody_has_is_new(owner, tea):
    job = uploaded(owner, "products", f"gtin,name\n{OTHER_GTIN},Mate\n,Tea\n")
    assert lines(job) == [(2, "new", ""), (3, "new", "")]
    assert changes(job, 2) == (None, {**NEW_PRODUCT, "gtin": OTHER_GTIN, "name": "Mate"})


def test_a_row_that_says_what_is_there_changes_nothing(owner, tea):
    job = uploaded(owner, "products", f"id,gtin,name,brand,category,image_url,status\n{tea.pk},{GTIN},Tea,Aurora,groceries,,active\n")
    assert (lines(job), changes(job, 2), job.unchanged) == ([(2, "unchanged", "")], (None, None), 1)


def test_columns_that_are_not_there_are_left_and_empty_cells_take_away(owner, tea):
    job = uploaded(owner, "products", f"id,brand,name,gtin\n{tea.pk},,,\n")
    assert changes(job, 2) == ({"brand": "Aurora"}, {"brand": ""})


def test_product_lines_are_refused_with_their_reason(owner, tea):
    make_product(name="Mate", brand="x")
    make_product(name="mate", brand="X")
    make_product(name="Old", brand="y", status="archived")
    other = make_product(name="Other", gtin=OTHER_GTIN)
    content = f"id,gtin,name,brand,image_url\n9999,,x,,\n,,,z,\n,123,x,,\n,,Mate,x,\n,,Old,y,https://x.example/\n{other.pk},{GTIN},,,\n,,Photo,,no address\nx,,,,\n,,{'x' * 201},,\n"
    assert lines(uploaded(owner, "products", content)) == [
        (2, "refused", "id: there is no product 9999"),
        (3, "refused", "neither an id, nor a GTIN, nor a name says which product it is"),
        (4, "refused", "gtin: That is no GTIN: it has 8, 12, 13 or 14 digits, and the last one must fit the others"),
        (5, "refused", f"several products fit: {', '.join(str(one.pk) for one in Product.objects.filter(name__iexact='mate').order_by('pk'))}; a column “id” says which one is meant"),
        (6, "refused", "it is archived; a column “status” with “active” brings it back"),
        (7, "refused", f"gtin: {GTIN} belongs to product {tea.pk}"),
        (8, "refused", "image_url: That is no web address"),
        (9, "refused", "id: “x” is no number of the portal"),
        (10, "refused", "name: 200 characters at most"),
    ]  # fmt: skip


def test_the_second_line_about_the_same_thing_is_refused(owner, tea):
    content = f"id,gtin,name,brand\n{tea.pk},,A,\n,{GTIN},B,\n,,New,x\n,,new,X\n,{OTHER_GTIN},C,\n,{OTHER_GTIN},D,\n"
    assert lines(uploaded(owner, "products", content)) == [
        (2, "changed", ""), (3, "refused", "line 2 says something of the same already"), (4, "new", ""),
        (5, "refused", "line 4 says something of the same already"), (6, "new", ""), (7, "refused", "line 6 says something of the same already"),
    ]  # fmt: skip


def test_archiving_a_product_shows_the_offers_that_go_with_it(owner, offer):
    job = uploaded(owner, "products", f"id,status\n{offer.product_id},archived\n")
    assert changes(job, 2) == ({"status": "active", "active_offers": 1}, {"status": "archived", "active_offers": 0})


def test_spreadsheet_numbers_find_the_product(owner, tea):
    assert lines(uploaded(owner, "products", xlsx([["gtin", "name"], [float(GTIN), "Tea"]]), "a.xlsx")) == [(2, "unchanged", "")]


def test_line_with_a_formula_that_nobody_computed_is_refused(owner, tea):
    job = uploaded(owner, "products", xlsx([["gtin", "name"], [GTIN, "{=A1}"], [GTIN, "Tea"]]), "a.xlsx")
    why = "the cell B2 is an error, or a formula without its value; open the file, save it, and upload it again"
    assert lines(job) == [(2, "refused", why), (3, "unchanged", "")]


def test_offer_is_found_by_id_or_address(owner, offer):
    job = uploaded(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    assert changes(job, 2) == ({"price": 6490}, {"price": 1000})
    job = uploaded(owner, "offers", 'url,price,list_price\nhttps://acme.example/tea#reviews,"64,90",\n')
    assert changes(job, 2) == ({"list_price": 7990}, {"list_price": None})


def test_new_offer_takes_its_store_its_product_and_the_stores_currency(owner, offer):
    store = make_store(key="yen", currency="JPY")
    job = uploaded(owner, "offers", f"url,store,product_gtin,price\nhttps://yen.example/1,yen,{GTIN},500\n")
    assert changes(job, 2)[1] == {
        "url": "https://yen.example/1", "store_id": store.pk, "product_id": offer.product_id, "currency": "JPY", "price": 500, "list_price": None,
        "sku": "", "title": "", "availability": "unknown", "status": "active",
    }  # fmt: skip


def test_offer_lines_are_refused_with_their_reason(owner, offer):
    other = make_offer(url="https://acme.example/other", currency="USD")
    gone = make_product(status="archived")
    make_override(other)
    heading = "id,url,store,product_id,product_gtin,currency,price,availability\n"
    rows = [
        "9999,,,,,,1,", ",,,,,,1,", ",https://n.example/1,,,,,1,", ",https://n.example/1,nowhere,,,,1,", ",https://n.example/1,acme,,,,1,",
        ",https://n.example/1,acme,9999,,,1,", f",https://n.example/1,acme,,{OTHER_GTIN},,1,", f",https://n.example/1,acme,{gone.pk},,,1,",
        f"{offer.pk},{other.url},,,,,1,", f"{offer.pk},,,,,USD,,", f"{offer.pk},,,,,XXQ,1,", f"{other.pk},,,,,BRL,1,", f"{offer.pk},,,,,,1.234,",
        f"{offer.pk},,,,,,,sold", f"{offer.pk},ftp://x,,,,,1,", f"{offer.pk},,,{other.product_id},{GTIN},,1,",
    ]  # fmt: skip
    assert [problem for _line, _effect, problem in lines(uploaded(owner, "offers", heading + "\n".join(rows)))] == [
        "id: there is no offer 9999",
        "neither an id nor an address says which offer it is",
        "store: a new offer needs an address, a store and a product",
        f"store: there is no store with the key “nowhere”; there are: acme, {other.store.key}",
        "product_id: a new offer needs an address, a store and a product",
        "product_id: there is no product 9999",
        f"product_gtin: no product has the GTIN {OTHER_GTIN}",
        f"product_id: the product “{gone}” is archived; restore it first",
        f"url: the address belongs to offer {other.pk}",
        "currency: in another currency every price must be said anew: price and list_price",
        "currency: “XXQ” is no currency: BRL, USD, EUR…",
        "currency: a price is overridden in USD; revert the override first",
        "price: “1.234” can be read as 1.23 or as 1234.00; write it with its decimal places",
        "availability: “sold” is none of: in_stock, out_of_stock, preorder, discontinued, unknown",
        "url: A web address begins with https:// or http://",
        f"product_gtin: the GTIN {GTIN} is not that of product {other.product_id}",
    ]


def test_an_archived_offer_is_only_brought_back(owner, offer):
    type(offer).objects.filter(pk=offer.pk).update(status="archived")
    why = "it is archived; a column “status” with “active” brings it back"
    assert lines(uploaded(owner, "offers", f"id,price\n{offer.pk},64.90\n")) == [(2, "refused", why)]
    assert lines(uploaded(owner, "offers", f"id,status,price\n{offer.pk},archived,64.90\n")) == [(2, "unchanged", "")]
    assert changes(uploaded(owner, "offers", f"id,status\n{offer.pk},active\n"), 2) == ({"status": "archived"}, {"status": "active"})


def test_a_price_settles_one_that_was_held(owner, offer):
    type(offer).objects.filter(pk=offer.pk).update(held_at=offer.created_at, held_price=100)
    job = uploaded(owner, "offers", f"id,price\n{offer.pk},10.00\n")
    assert changes(job, 2) == ({"price": 6490, "held_price": 100}, {"price": 1000, "held_price": None})


def test_planning_asks_the_same_number_of_questions_for_any_number_of_lines(owner, offer):
    def queries(rows: int) -> int:
        content = "url,store,product_gtin,price\n" + "".join(f"https://acme.example/{row},acme,{GTIN},1.00\n" for row in range(rows))
        with CaptureQueriesContext(
            connection,
        ) as seen:
            uploaded(owner, "offers", content)
        return len(seen)

    assert queries(3) == queries(300)
