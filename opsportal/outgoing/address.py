"""Which addresses may be called.

A URL is whoever configured it, or whoever they believed; it must not make the portal call the machines beside it (SSRF).
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import ipaddress
import socket
import threading

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# NAT64 (RFC 6052): the last 32 bits are an IPv4 address that a gateway calls for us.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
LONGEST_URL = 2000


class BadAddress(Exception):
    """An address that is never called; in words."""


class Unknown(Exception):
    """A name that does not resolve, now."""


def checked_url(url: str) -> str:
    """The URL, if it is one that may be called: http or https, with a host and without a password. Raises BadAddress.

    Says nothing about where the host's name leads: that is looked at for every call.
    """
    parsed = _parsed(url)
    if parsed is None or (parsed.port is not None and not 0 < parsed.port < 65536):
        raise BadAddress(_("That is no web address."))
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise BadAddress(_("A web address begins with https:// or http://."))
    if parsed.userinfo:
        raise BadAddress(_("A web address must hold no user name and no password."))
    if (literal := _literal(parsed.host)) is not None:
        check_address(literal)
    return url


def check_address(address: Address) -> None:
    """Raises BadAddress for one that is not on the public internet, unless OPS_ALLOW_PRIVATE_ADDRESSES allows it."""
    if settings.OPS_ALLOW_PRIVATE_ADDRESSES:
        return
    if not all(_is_public(one) for one in _meant(address)):
        raise BadAddress(_("%(address)s is not on the public internet; such addresses are not called.") % {"address": address})


def resolve(host: str, port: int, *, seconds: float) -> list[Address]:
    """Every address of a host, each allowed. Raises BadAddress if one of them is not, Unknown if there is none in time.

    One that is not allowed among others that are is refused as a whole: nobody means that.
    """
    found: list[Address] = []
    for address in _look_up(host, port, seconds):
        check_address(address)
        found.append(address)
    if not found:
        raise Unknown(_("The name %(host)s has no address.") % {"host": host})
    return found


def _parsed(url: str) -> httpx.URL | None:
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        return None
    try:
        parsed = httpx.URL(url)
        # Read once here: a host that is no host shows only then.
        return parsed if parsed.host is not None else None
    except (httpx.InvalidURL, ValueError):
        return None


def _is_public(address: Address) -> bool:
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not address.is_reserved and not site_local


def _meant(address: Address) -> list[Address]:
    """The addresses that a call to this one may reach: some IPv6 addresses carry IPv4 addresses within."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *(one for one in (address.sixtofour, *(address.teredo or ())) if one is not None)]


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _look_up(host: str, port: int, seconds: float) -> list[Address]:
    # The system's resolver takes no time limit; a thread that is left behind ends by itself.
    answers: list[tuple[object, ...]] = []
    problems: list[Exception] = []

    def ask() -> None:
        try:
            answers.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            problems.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if problems or thread.is_alive():
        raise Unknown(_("The name %(host)s could not be resolved.") % {"host": host})
    # A zone (“%eth0”) belongs to a link-local address, which is judged without it.
    return list(dict.fromkeys(ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers))  # type: ignore[index]
