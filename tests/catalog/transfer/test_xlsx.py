import io
import zipfile
from datetime import datetime
from typing import Any

import pytest

from catalog.transfer import measuring
from catalog.transfer.table import Table, Unreadable, open_table
from tests.catalog.transfer.files import xlsx

ROWS: list[list[Any]] = [["gtin", "name"], [7.891000315507e12, "Tea"]]


def opened(content: bytes) -> Table:
    return open_table("products", "a.xlsx", content)


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The same workbook with other parts: sheet=… is its first sheet."""
    names = {"sheet": "xl/worksheets/sheet1.xml", "texts": "xl/sharedStrings.xml"}
    new = {names.get(name, name): data for name, data in parts.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in [*old.namelist(), *(set(new) - set(old.namelist()))]:
            made.writestr(name, new[name] if name in new else old.read(name))
    return file.getvalue()


def sheet(cells: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'.encode()


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        opened(content)
    return str(refused.value)


def test_cells_are_what_the_spreadsheet_says():
    table = opened(xlsx([["gtin", "name"], [], [7.891000315507e12, datetime(2026, 5, 1)], ["", "{=1+1}2"]]))
    first, second = list(table.rows)[1:]
    assert (table.read_as, table.total, table.broken) == ("XLSX, sheet “sheet”", 2, {})
    assert (first[0], first[1][0], str(first[1][1])[:10], second) == (3, 7891000315507, "2026-05-01", (4, ["", "2"]))


def test_the_first_sheet_counts():
    assert list(opened(xlsx(ROWS, other=[["x"]])).rows) == [(1, ["gtin", "name"]), (2, [7891000315507, "Tea"])]


def test_formulas_without_a_value_and_errors_are_found():
    assert opened(xlsx([["gtin", "name"], ["", "{=A1}"], ["", "x"], ["{=1/0}#DIV/0!", "y"]])).broken == {2: "B2", 4: "A4"}


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 no archive at all", xlsx(ROWS)[:-200], xlsx(ROWS)[:300]],
)
def test_a_damaged_workbook_is_refused(content):
    assert refusal(content).startswith("The file is no workbook, or it is damaged.")


def test_another_archive_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a.csv", "name\n")
    assert refusal(file.getvalue()) == "That is a ZIP file, but no XLSX workbook. Unpack it, and upload the table."


def test_a_bomb_is_refused_before_it_goes_off(monkeypatch):
    monkeypatch.setattr(measuring, "MOST_UNPACKED", 1024**2)
    bomb = repacked(xlsx(ROWS), **{"xl/media/picture.png": b"\0" * (2 * 1024**2)})
    assert (len(bomb) < 20_000, refusal(bomb)) == (True, "Unpacked, the workbook is larger than 1 MB.")


def test_a_bomb_that_lies_about_its_size_is_refused(monkeypatch):
    monkeypatch.setattr(measuring, "MOST_UNPACKED", 1024**2)
    bomb = repacked(xlsx(ROWS), **{"xl/media/picture.png": b"\0" * (2 * 1024**2)})
    lying = bomb.replace((2 * 1024**2).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert (lying != bomb, refusal(lying)) == (True, "Unpacked, the workbook is larger than 1 MB.")


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "The cell XFD1 is far out: at most 50 columns are read."),
        ('<row r="1">' + "<c/>" * 60 + "</row>", "The cell 51 is far out: at most 50 columns are read."),
        ('<row r="1048576"><c><v>1</v></c></row>', "The file has more than 50,000 rows."),
        ('<row r="1"><c r="A1048576"><v>1</v></c></row>', "The file has more than 50,000 rows."),
        ('<row r="1"><c r="A1x"><v>1</v></c></row>', "The file is no workbook, or it is damaged."),
    ],
)
def test_cells_far_out_are_refused_before_a_rectangle_is_built(cells, why):
    assert refusal(repacked(xlsx(ROWS), sheet=sheet(cells))).startswith(why)


def test_one_long_text_in_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr(measuring, "MOST_UNPACKED", 200_000)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    texts = f'<sst xmlns="{main}"><si><t>{"x" * 10_000}</t></si></sst>'.encode()
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 30))
    assert refusal(repacked(xlsx(ROWS), sheet=sheet(cells), texts=texts)) == "Unpacked, the workbook is larger than 0 MB."


def test_entities_are_refused():
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    assert refusal(repacked(xlsx(ROWS), sheet=sheet("").replace(b"<worksheet", entities + b"<worksheet"))).startswith("The file is no workbook")


def test_a_sheet_under_another_name_is_measured_as_well():
    parts: dict[str, Any] = {"xl/other.dat": sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>')}
    assert refusal(repacked(xlsx(ROWS), **parts)).startswith("The cell XFD1 is far out")
