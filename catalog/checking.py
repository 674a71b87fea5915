"""What may stand in a product, an offer or a store, whoever writes it: a form, a file, a command. All raise Invalid with the field."""

from django.utils.translation import gettext as _
from stdnum import ean
from stdnum.exceptions import ValidationError as BadNumber

from opsportal import money
from opsportal.errors import Invalid
from opsportal.outgoing import BadAddress, checked_url

# Far above any price, far below what the column holds.
MOST = 10**15


def line(text: str, field: str, *, most: int, needed: bool = False) -> str:
    """One line of text without spaces at its ends."""
    text = " ".join(text.replace("\x00", "").split())
    if needed and not text:
        raise Invalid(_("This is needed."), field=field)
    if len(text) > most:
        raise Invalid(_("%(most)s characters at most.") % {"most": most}, field=field)
    return text


def web_address(text: str, field: str, *, most: int, needed: bool = False) -> str:
    """An address that begins with http:// or https://, without a password, as it is called: without what stands after a #."""
    text = line(text, field, most=most, needed=needed)
    if not text:
        return ""
    address = text.partition("#")[0]
    try:
        return checked_url(address)
    except BadAddress as error:
        raise Invalid(str(error), field=field) from None


def gtin(text: str, field: str = "gtin") -> str | None:
    """8, 13 or 14 digits with a right check digit; None for an empty text. One article has one number: UPC-A and GTIN-14 with a
    leading zero become the EAN-13 that they are. The check digit is that of the GS1 General Specifications."""
    if not text.strip():
        return None
    try:
        number: str = ean.validate(text)
    except BadNumber:
        raise Invalid(_("That is no GTIN: it has 8, 12, 13 or 14 digits, and the last one must fit the others."), field=field) from None
    if len(number) == 12:
        return f"0{number}"
    return number[1:] if len(number) == 14 and number.startswith("0") else number


def currency(code: str, field: str = "currency") -> str:
    """A code of ISO 4217, in capitals."""
    code = code.strip().upper()
    if not money.known(code):
        raise Invalid(_("“%(code)s” is no currency: BRL, USD, EUR…") % {"code": code[:10]}, field=field)
    return code


def amount(minor: int | None, field: str) -> int | None:
    """Minor units, more than 0; None stays None."""
    if minor is not None and not 0 < minor <= MOST:
        raise Invalid(_("A price is more than 0, and no fantasy."), field=field)
    return minor
