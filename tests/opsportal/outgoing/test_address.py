import ipaddress

import pytest

from opsportal.outgoing import BadAddress, call, checked_url
from opsportal.outgoing.address import check_address

PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", str(ipaddress.IPv4Address(0)), "255.255.255.255", "224.0.0.1", "198.18.0.1",
    "192.0.2.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::", "::127.0.0.1", "2001:db8::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("text", PRIVATE)
def test_address_inside_is_refused(guarded, text):
    with pytest.raises(BadAddress, match="not on the public internet"):
        check_address(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_address_is_allowed(guarded, text):
    check_address(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PRIVATE)
def test_address_inside_is_allowed_by_the_setting(settings, text):
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = True
    check_address(ipaddress.ip_address(text))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0"])
def test_no_spelling_of_this_machine_is_called(guarded, receiver, host):
    with pytest.raises(BadAddress):
        call("GET", f"http://{host}:{receiver.port}/")
    assert receiver.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "ftp://example.com/", "file:///etc/passwd", "http://", "https:///path", "http://user:pass@example.com/", "http://user@example.com/",
        "http://example.com:0/", "http://example.com:99999/", "http://exa mple.com/", "http://example.com/\n", "http://[::1", "https://" + "a" * 2000,
        "gopher://example.com/", "javascript:alert(1)", "http://example.com/\x00", "http://xn--/",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(BadAddress):
        checked_url(url)


@pytest.mark.parametrize("url", ["https://example.com", "http://example.com:8080/a?b=c#d", "https://bücher.example/", "http://127.0.0.1:9/"])
def test_web_address_is_kept_as_it_is(url):
    assert checked_url(url) == url


def test_literal_address_inside_is_refused_before_it_is_kept(guarded):
    with pytest.raises(BadAddress, match=r"169\.254\.169\.254"):
        checked_url("http://169.254.169.254/latest/meta-data/")
