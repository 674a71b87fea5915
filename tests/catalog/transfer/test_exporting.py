"""An exported file, read back, changes nothing."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Offer, Product
from catalog.transfer import exporting
from catalog.transfer.columns import names_of
from catalog.transfer.table import open_table
from opsportal.errors import Invalid
from tests.catalog.transfer.files import GTIN, lines, uploaded
from tests.factories import make_offer, make_override, make_product, make_store


def csv_of(kind: str, found) -> bytes:
    return b"".join(exporting.csv_of(kind, found))


@pytest.fixture
def catalog(db):
    """One of every kind of trouble."""
    plain = make_product(name="=SUM(A1)", brand="+55", category="-x", gtin=GTIN, image_url="https://shop.example/a.jpg")
    quoted = make_product(name='A "quoted", name; with\tsigns', brand="'=x")
    make_product(name="Café – 500 g", status="archived")
    make_offer(product=plain, store=make_store(key="yen"), currency="JPY", price=1234, title="@x", sku="007")
    make_offer(product=plain, currency="KWD", price=1234, list_price=2345)
    make_offer(product=quoted, price=None, availability="unknown", status="archived")
    make_override(make_offer(product=quoted, price=123456, list_price=234567))


@pytest.mark.parametrize("kind", ["products", "offers"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_exported_reads_back_unchanged(owner, catalog, kind, form):
    found = Product.objects.all() if kind == "products" else Offer.objects.all()
    content = csv_of(kind, found) if form == "csv" else exporting.xlsx_of(kind, found).read()
    job = uploaded(owner, kind, content, f"export.{form}")
    assert {(effect, problem) for _line, effect, problem in lines(job)} == {("unchanged", "")}
    assert job.unchanged == found.count()


def test_formulas_are_escaped_and_prices_are_decimals(catalog):
    text = csv_of("offers", Offer.objects.filter(currency="JPY")).decode("utf-8-sig")
    offer = Offer.objects.get(currency="JPY")
    assert text == (
        f"{','.join(names_of('offers'))}\r\n{offer.pk},{offer.url},yen,{offer.product_id},{GTIN},'=SUM(A1),007,'@x,JPY,1234,,in_stock,active\r\n"
    )


def test_an_xlsx_has_no_more_rows_than_an_import_takes(catalog, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_ROWS", 3)
    assert exporting.xlsx_of("products", Product.objects.all()).read(2) == b"PK"
    with pytest.raises(Invalid, match="That is more than 3 rows, too many for an XLSX file"):
        exporting.xlsx_of("offers", Offer.objects.all())


def test_rows_come_by_chunks_of_one_query_each(catalog, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    with CaptureQueriesContext(connection) as seen:
        sizes = [len(rows) for rows in exporting.chunks("offers", Offer.objects.all())]
    assert (sizes, len(seen)) == ([2, 2], 3)


@pytest.mark.parametrize("kind", ["products", "offers"])
def test_template_has_the_headings_and_explains_them(kind):
    content = exporting.template_of(kind).read()
    assert list(open_table(kind, "a.xlsx", content).rows) == [(1, names_of(kind))]
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        explained = book.get_sheet_by_name("explained").to_python()
    assert [row[0] for row in explained] == ["Column", *names_of(kind)]
