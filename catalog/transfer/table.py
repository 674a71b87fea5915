"""A file as rows of cells, whatever it was: the reader for it is chosen by its first bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from opsportal.errors import Invalid

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 50
_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

Row = list[Any]


class Unreadable(Invalid):
    """The file as a whole can't be taken; the text says why and what to do."""

    code = "unreadable_file"


@dataclass(slots=True)
class Table:
    """`rows`: (line as a spreadsheet counts, cells), the headings first, empty rows left out. `broken`: lines with a cell that has no value, and where."""

    read_as: str
    rows: Iterator[tuple[int, Row]]
    total: int
    broken: dict[int, str] = field(default_factory=dict)


def check_file(name: str, content: bytes) -> str:
    """What can be said at once. Returns "csv" or "xlsx"; raises Unreadable."""
    if not content.strip(b"\x00\r\n\t ;,\xef\xbb\xbf"):
        raise Unreadable(_("The file is empty."), field="file")
    if len(content) > MOST_BYTES:
        raise Unreadable(too_large(), field="file")
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise Unreadable(_("The file is locked with a password. Save it without one, and upload it again."), field="file")
        raise Unreadable(_("That is a workbook of the old form (.xls). Save it as .xlsx or .csv, and upload it again."), field="file")
    if content.startswith(_ZIP):
        return "xlsx"
    if content.startswith(_PDF) or not name.lower().endswith((".csv", ".tsv", ".txt")):
        raise Unreadable(_("That is neither a CSV nor an XLSX file. Save the table as one of them, and upload it again."), field="file")
    return "csv"


def too_large() -> str:
    return _("The file is larger than %(most)s MB. Split it, and upload the parts one after the other.") % {"most": MOST_BYTES // 1024**2}


def too_many_rows() -> Unreadable:
    return Unreadable(
        _("The file has more than %(most)s rows. Split it, and upload the parts one after the other.")
        % {"most": number_format(MOST_ROWS, force_grouping=True)}
    )


def open_table(kind: str, name: str, content: bytes) -> Table:
    """Raises Unreadable. Nothing but the file decides how it is read, so that it is read the same way again."""
    if check_file(name, content) == "xlsx":
        from catalog.transfer.xlsx import open_xlsx

        return open_xlsx(content)
    from catalog.transfer.text import open_text

    return open_text(kind, content)


def is_blank(cells: Row) -> bool:
    return all(cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()) for cell in cells)
