"""XLSX, by python-calamine: the first sheet that is shown. Formulas are read as the values that the file holds for them."""

import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from catalog.transfer.measuring import damaged, measure
from catalog.transfer.table import MOST_ROWS, Row, Table, Unreadable, is_blank, too_many_rows


def open_xlsx(content: bytes) -> Table:
    broken = measure(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            shown = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible]
            if not shown:
                raise Unreadable(_("The workbook has no sheet that is shown."))
            sheet = book.get_sheet_by_name(shown[0].name)
    except (CalamineError, OSError, ValueError) as error:
        raise damaged() from error
    filled = sum(not is_blank(row) for row in sheet.iter_rows())
    if filled - 1 > MOST_ROWS:
        raise too_many_rows()
    return Table(_("XLSX, sheet “%(name)s”") % {"name": shown[0].name[:40]}, _rows(sheet), max(filled - 1, 0), broken)


def _rows(sheet: Any) -> Iterator[tuple[int, Row]]:
    # Empty rows above the first are there, empty columns at the left are not: they have no headings either.
    return ((line, row) for line, row in enumerate(sheet.iter_rows(), 1) if not is_blank(row))
