"""The catalog as a file that imports read again. Rows come by id, a chunk at a time: a million of them take no more memory than a thousand.

What is tracked is exported, not what overrides show over it: that is what an import writes.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.models import Import
from catalog.transfer.cells import escaped
from catalog.transfer.columns import columns_of, names_of
from catalog.transfer.table import MOST_ROWS
from opsportal import money
from opsportal.errors import Invalid

CHUNK = 2000
_PRODUCTS = ("id", "gtin", "name", "brand", "category", "image_url", "status")
_OFFERS = (
    "id", "url", "store__key", "product_id", "product__gtin", "product__name", "sku", "title", "currency", "price", "list_price", "availability", "status",
)  # fmt: skip
_CURRENCY, _PRICE, _LIST_PRICE = (_OFFERS.index(name) for name in ("currency", "price", "list_price"))
# Characters. Wide enough to be read at once.
_WIDTHS = {"id": 9, "url": 50, "name": 40, "product_name": 40, "title": 40, "gtin": 16, "product_gtin": 16, "image_url": 40}


def chunks(kind: str, found: QuerySet[Any]) -> Iterator[list[list[Any]]]:
    """Rows in the order of the columns: texts as they are kept, prices as decimals, None where there is nothing."""
    fields = _PRODUCTS if kind == Import.Kind.PRODUCTS else _OFFERS
    last = 0
    while chunk := list(found.order_by("pk").filter(pk__gt=last).values_list(*fields)[:CHUNK]):
        last = chunk[-1][0]
        yield [_row(kind, values) for values in chunk]


def csv_of(kind: str, found: QuerySet[Any]) -> Iterator[bytes]:
    """UTF-8 with the mark that spreadsheet programs look for, commas, decimal points."""
    yield b"\xef\xbb\xbf" + _lines([names_of(kind)])
    for rows in chunks(kind, found):
        yield _lines([["" if value is None else escaped(str(value)) for value in row] for row in rows])


def xlsx_of(kind: str, found: QuerySet[Any]) -> IO[bytes]:
    """A file at its beginning, removed when it is closed. Raises Invalid (`too_many`) for more rows than an import takes."""
    if found.order_by("pk").values_list("pk")[MOST_ROWS : MOST_ROWS + 1]:
        text = _("That is more than %(most)s rows, too many for an XLSX file. Filter the list first, or take a CSV.")
        raise Invalid(text % {"most": number_format(MOST_ROWS, force_grouping=True)}, code="too_many")
    return _book({kind: (names_of(kind), (row for rows in chunks(kind, found) for row in rows))})


def template_of(kind: str) -> IO[bytes]:
    """An XLSX with the headings only, and a second sheet that explains them."""
    explained = [[column.name, str(column.help), column.example] for column in columns_of(kind)]
    return _book({kind: (names_of(kind), []), _("explained"): ([_("Column"), _("What it means"), _("Example")], explained)})


def _row(kind: str, values: tuple[Any, ...]) -> list[Any]:
    row = list(values)
    if kind == Import.Kind.OFFERS:
        for place in (_PRICE, _LIST_PRICE):
            row[place] = None if row[place] is None else money.to_decimal(row[place], row[_CURRENCY])
    return row


def _lines(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _book(sheets: dict[str, tuple[list[str], Iterable[list[Any]]]]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller's to close
    try:
        book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        )
        bold = book.add_format({"bold": True})
        for name, (headings, rows) in sheets.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            for place, heading in enumerate(headings):
                sheet.set_column(place, place, _WIDTHS.get(heading, 60 if len(headings) == 3 and place else 16))
            sheet.write_row(0, 0, headings, bold)
            for line, row in enumerate(rows, 1):
                for place, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(line, place, escaped(value))
                    elif value is not None:
                        sheet.write_number(line, place, value)
        book.close()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
