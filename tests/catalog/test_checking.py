"""What may stand in the catalog, whoever writes it."""

import pytest

from catalog import checking
from opsportal.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("4006381333931", "4006381333931"),
        (" 4006381-333931 ", "4006381333931"),
        ("73513537", "73513537"),
        ("98412345678908", "98412345678908"),
        # A UPC-A is an EAN-13 that begins with 0, and so is a GTIN-14 that begins with 00.
        ("036000291452", "0036000291452"),
        ("00036000291452", "0036000291452"),
        ("", None),
        ("  ", None),
    ],
)
def test_gtin_is_kept_as_the_number_of_the_article(typed: str, kept: str | None) -> None:
    assert checking.gtin(typed) == kept


@pytest.mark.parametrize("typed", ["4006381333932", "123", "40063813339310", "4006381x33931", "٤٠٠٦٣٨١٣٣٣٩٣١"])
def test_gtin_with_a_slip_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="That is no GTIN") as refused:
        checking.gtin(typed)
    assert refused.value.field == "gtin"


def test_web_address_is_kept_as_it_is_called() -> None:
    assert checking.web_address(" https://shop.example/p?a=1#top ", "url", most=100) == "https://shop.example/p?a=1"
    assert checking.web_address("", "url", most=100) == ""


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("ftp://shop.example/p", "begins with https:// or http://"),
        ("javascript:alert(1)", "begins with https:// or http://"),
        ("shop.example/p", "begins with https:// or http://"),
        ("https://me:secret@shop.example/", "no user name and no password"),
        ("https://shop.example/a b", "That is no web address"),
        ("https://shop.example/" + "a" * 100, "100 characters at most"),
        ("", "This is needed"),
    ],
)
def test_web_address_that_makes_no_sense_is_refused(typed: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        checking.web_address(typed, "url", most=100, needed=True)
    assert refused.value.field == "url"


def test_currency_is_a_known_code() -> None:
    assert checking.currency(" brl ") == "BRL"
    with pytest.raises(Invalid, match="“XYZ” is no currency"):
        checking.currency("xyz")


def test_amount_is_more_than_nothing() -> None:
    assert (checking.amount(None, "price"), checking.amount(1, "price")) == (None, 1)
    for minor in (0, -1, checking.MOST + 1):
        with pytest.raises(Invalid, match="more than 0"):
            checking.amount(minor, "price")


def test_line_is_one_line_without_spaces_around() -> None:
    assert checking.line(" Air \n fryer\x00 ", "name", most=20) == "Air fryer"
