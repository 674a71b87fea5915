"""CSV in its dialects: commas, semicolons, tabs or bars; UTF-8, UTF-16, or what Windows programs write in the West."""

import codecs
import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from catalog.transfer import columns
from catalog.transfer.table import MOST_COLUMNS, MOST_ROWS, Row, Table, Unreadable, is_blank, too_many_rows

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig", "UTF-8"), (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"), (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"))
LONGEST_CELL = 20_000


def open_text(kind: str, content: bytes) -> Table:
    text, encoding = decoded(content)
    delimiter, text = _delimiter(kind, text)
    total = sum(not is_blank(row) for _line, row in _rows(text, delimiter)) - 1
    if total > MOST_ROWS:
        raise too_many_rows()
    rows = ((line, row) for line, row in _rows(text, delimiter) if not is_blank(row))
    return Table(f"CSV, {encoding}, {DELIMITERS[delimiter]}", rows, max(total, 0))


def decoded(content: bytes) -> tuple[str, str]:
    """The text, and the encoding's name. A mark at the beginning decides, then whether it is UTF-8: a text of another encoding with
    letters beyond ASCII never is. Else it is Windows-1252, which Excel writes in the Americas and Western Europe."""
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(codec), name
            except UnicodeDecodeError:
                raise Unreadable(_("The file says it is %(encoding)s, but is not. Save it again as CSV UTF-8.") % {"encoding": name}) from None
    if b"\x00" in content:
        raise Unreadable(_("That is no text. Save the table as CSV UTF-8 or XLSX, and upload it again."))
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "Windows-1252"


def _delimiter(kind: str, text: str) -> tuple[str, str]:
    """The one that makes most known columns of the first line. Excel's own “sep=;” before it is taken at its word."""
    first, _newline, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and first.strip()[4:5] in DELIMITERS:
        return first.strip()[4], "\n" + rest
    heading = next((line for line in text.splitlines() if line.strip(" \t,;|")), "")
    names = set(columns.names_of(kind))

    def fits(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([heading], delimiter=delimiter), [])
        return sum(columns.known(cell) in names for cell in cells), len(cells)

    return max(DELIMITERS, key=fits), text


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for line, row in enumerate(reader, 1):
            if len(row) > MOST_COLUMNS and not is_blank(row[MOST_COLUMNS:]):
                raise Unreadable(_("Line %(line)s has more than %(most)s columns.") % {"line": line, "most": MOST_COLUMNS})
            yield line, row
    except csv.Error as error:
        text = _("Line %(line)s can't be read: %(error)s. Often a quotation mark is opened and never closed.")
        raise Unreadable(text % {"line": reader.line_num, "error": error}) from None
