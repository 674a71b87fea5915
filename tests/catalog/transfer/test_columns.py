import pytest

from catalog.transfer.columns import places
from catalog.transfer.table import Unreadable


def test_headings_are_known_however_they_are_written():
    assert places("offers", ["URL", " List Price ", "", "product-id"]) == {
        "url": 0,
        "list_price": 1,
        "product_id": 3,
    }


@pytest.mark.parametrize(
    ("kind", "heading", "why"),
    [
        ("products", ["name", "colour", "brand"], "The first row names columns that products don't have: colour. They have: id, gtin, name, brand"),
        ("products", ["name", "brand", "Name"], "The column “name” is there twice. Take one of them out."),
        ("products", ["brand", "category"], "A column is missing: at least one of gtin, id, name must say what a row is about."),
        ("offers", ["price", "currency"], "A column is missing: at least one of id, url must say what a row is about."),
        ("offers", ["url"], "The file has one column only, so it would change nothing."),
    ],
)
def test_headings_that_make_no_sense_are_refused(kind, heading, why):
    with pytest.raises(Unreadable) as refused:
        places(kind, heading)
    assert str(refused.value).startswith(why)
