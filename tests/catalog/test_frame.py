from django.test import Client

from accounts.models import Person
from tests.catalog.views.test_product import text
from tests.factories import make_offer, make_product, make_store
from tests.signing_in import sign_in


def test_the_search_finds_products_offers_and_stores(client: Client, viewer: Person) -> None:
    product, store = make_product(name="Fryer of steel", gtin="73513537"), make_store(name="Fryer house")
    offer = make_offer(title="Fryer at half price", product=product, store=store)
    page = text(sign_in(client, viewer).get("/ops/search?q=fryer"))
    for url in (f"/ops/catalog/products/{product.pk}/", f"/ops/offers/{offer.pk}/", f"/ops/catalog/stores/{store.pk}/"):
        assert f'href="{url}"' in page
    assert f'href="/ops/catalog/products/{product.pk}/"' in text(client.get("/ops/search?q=73513537"))


def test_the_lists_stand_side_by_side(client: Client, viewer: Person) -> None:
    page = text(sign_in(client, viewer).get("/ops/catalog/stores/"))
    assert '<a href="/ops/catalog/stores/" aria-current="page">Stores</a>' in page
    assert [name for name in ("/ops/catalog/", "/ops/offers/", "/ops/offers/overrides/") if f'<li><a href="{name}">' in page] == ["/ops/catalog/", "/ops/offers/", "/ops/offers/overrides/"]  # fmt: skip
