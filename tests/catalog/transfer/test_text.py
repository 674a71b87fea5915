import pytest

from catalog.transfer.table import MOST_ROWS, Unreadable, open_table
from catalog.transfer.text import decoded

HEADING = "gtin{0}name{0}brand\n"


def rows(content: bytes | str, name: str = "a.csv") -> list[tuple[int, list[str]]]:
    return list(open_table("products", name, content.encode() if isinstance(content, str) else content).rows)


@pytest.mark.parametrize(("delimiter", "word"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_delimiter_is_the_one_that_makes_columns(delimiter, word):
    table = open_table("products", "a.csv", f"{HEADING.format(delimiter)}1{delimiter}Tea{delimiter}x\n".encode())
    assert (table.read_as, table.total, list(table.rows)) == (f"CSV, UTF-8, {word}", 1, [(1, ["gtin", "name", "brand"]), (2, ["1", "Tea", "x"])])


def test_prices_with_commas_do_not_make_commas_the_delimiter():
    table = open_table("offers", "a.csv", b"id;price;list_price\n1;64,90;99,90\n2;1,50;2,50\n")
    assert list(table.rows)[1] == (2, ["1", "64,90", "99,90"])


def test_excels_own_line_is_taken_at_its_word():
    assert rows("sep=;\nname;brand\nTea;x\n") == [(2, ["name", "brand"]), (3, ["Tea", "x"])]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Café".encode(), "UTF-8"), ("Café".encode("utf-8-sig"), "UTF-8"), ("Café".encode("utf-16"), "UTF-16"), ("Café".encode("cp1252"), "Windows-1252"),
        ("Café – “x” €".encode("cp1252"), "Windows-1252"),
    ],
)  # fmt: skip
def test_encoding_is_decided_not_guessed(content, encoding):
    text, name = decoded(content)
    assert (text[:4], name) == ("Café", encoding)


def test_empty_lines_are_left_out_but_counted():
    assert rows("\n\nname,brand\n,\nTea,x\n") == [(3, ["name", "brand"]), (5, ["Tea", "x"])]


def test_a_line_break_in_quotes_is_one_row():
    assert rows('name,brand\n"Tea\ngreen",x\nMate,y\n')[1:] == [(2, ["Tea\ngreen", "x"]), (3, ["Mate", "y"])]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"", "The file is empty."),
        ("a.csv", b"\xef\xbb\xbf\r\n", "The file is empty."),
        ("a.pdf", b"name,brand\n", "That is neither a CSV nor an XLSX file. Save the table as one of them, and upload it again."),
        ("a.csv", b"%PDF-1.7", "That is neither a CSV nor an XLSX file. Save the table as one of them, and upload it again."),
        ("a.csv", b"na\x00me,brand\n", "That is no text. Save the table as CSV UTF-8 or XLSX, and upload it again."),
        ("a.csv", b"\xff\xfen", "The file says it is UTF-16, but is not. Save it again as CSV UTF-8."),
        ("a.csv", b'name,brand\n"Tea,x\n' + b"x,y\n" * 9000, "Line 5001 can't be read: field larger than field limit (20000)."),
        ("a.csv", b"name,brand\n" + b"x," * 60 + b"x\n", "Line 2 has more than 50 columns."),
        ("a.csv", b"name,brand\n" + b"x,y\n" * (MOST_ROWS + 1), "The file has more than 50,000 rows. Split it, and upload the parts one after the other."),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "That is a workbook of the old form (.xls). Save it as .xlsx or .csv, and upload it again."),
        (
            "a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "The file is locked with a password. Save it without one, and upload it again.",
        ),
        ("a.csv", b"x" * (20 * 1024 * 1024 + 1), "The file is larger than 20 MB. Split it, and upload the parts one after the other."),
    ],
)  # fmt: skip
def test_file_that_can_not_be_taken_says_why(name, content, why):
    with pytest.raises(Unreadable) as refused:
        rows(content, name)
    assert str(refused.value).startswith(why)


def test_as_many_rows_as_are_taken_are_taken():
    assert open_table("products", "a.csv", b"name,brand\n" + b"x,y\n" * MOST_ROWS).total == MOST_ROWS
