import datetime
import ipaddress
import socket
import ssl
import time
from contextlib import suppress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from opsportal.outgoing import BadAddress, Failed, Limits, call
from opsportal.outgoing.client import TooManyRedirects, TooSlow
from tests.receiver import receiving

SHORT = Limits(connect_seconds=1, total_seconds=1, most_bytes=1000)


def to(url: str, status: int = 302):
    return lambda request, write: (status, {"Location": url}, b"")


def test_call_gives_what_was_answered(receiver):
    receiver.answers(418, body=b"teapot", X_Kind="pot")
    answer = call("POST", f"{receiver.url}/a?b=c", headers={"X-Mine": "1"}, body=b"hello")
    assert (answer.status, answer.text, answer.headers["x-kind"], answer.is_whole, answer.url) == (
        418,
        "teapot",
        "pot",
        True,
        f"{receiver.url}/a?b=c",
    )
    (request,) = receiver.requests
    assert (request.method, request.path, request.body, request.headers["x-mine"]) == ("POST", "/a?b=c", b"hello", "1")
    assert (request.headers["user-agent"], request.headers["accept-encoding"]) == ("OpsPortal", "identity")


def test_environment_gives_no_proxy_and_no_credentials(receiver, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    for name, value in {"HTTP_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    assert call("GET", receiver.url).status == 200
    assert "authorization" not in receiver.requests[0].headers


def test_body_is_read_to_its_limit_only(receiver):
    receiver.answers(200, body=b"x" * 5_000_000)
    answer = call("GET", receiver.url, limits=Limits(most_bytes=1000))
    assert (len(answer.body), answer.is_whole) == (1000, False)


def test_body_without_an_end_is_read_to_its_limit_only(receiver):
    def endless(request, write):
        write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while write(b"400\r\n" + b"x" * 1024 + b"\r\n"):
            pass

    receiver.respond = endless
    assert len(call("GET", receiver.url, limits=Limits(most_bytes=100_000)).body) == 100_000


def test_compressed_answer_is_not_blown_up(receiver):
    receiver.answers(200, body=b"\x1f\x8b" + b"\x00" * 50, Content_Encoding="gzip")
    assert call("GET", receiver.url).body == b"\x1f\x8b" + b"\x00" * 50


DRIP = {
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    "headers": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "status": b"H",
}


@pytest.mark.parametrize("part", DRIP)
def test_dripping_answer_ends_at_the_total_limit(receiver, part):
    def drip(request, write):
        write(DRIP[part])
        for _second in range(600):
            if not write(b"x"):
                return
            time.sleep(0.1)

    receiver.respond = drip
    with pytest.raises(TooSlow, match="longer than 1 s"):
        call("GET", receiver.url, limits=SHORT)


def test_redirects_of_a_slow_circle_end_at_the_total_limit(receiver):
    def circle(request, write):
        time.sleep(0.2)
        return 302, {"Location": "/again"}, b""

    receiver.respond = circle
    with pytest.raises(TooSlow):
        call("GET", receiver.url, limits=Limits(total_seconds=1, redirects=10_000))


def test_server_that_takes_the_request_and_says_nothing_is_too_slow():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(TooSlow):
            call("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/", limits=SHORT)


@pytest.mark.parametrize("words", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"])
def test_broken_answer_is_a_failure_in_words(receiver, words):
    def say(request, write):
        write(words)

    receiver.respond = say
    with pytest.raises(Failed, match="can't be reached"):
        call("GET", receiver.url)


def test_refused_connection_is_a_failure_in_words():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(Failed, match=r"can't be reached: .*refused"):
            call("GET", f"http://127.0.0.1:{closed.getsockname()[1]}/")


def test_unknown_name_is_a_failure_in_words():
    with pytest.raises(Failed, match=r"nosuch\.invalid could not be resolved"):
        call("GET", "http://nosuch.invalid/")


def test_redirect_is_an_answer_unless_it_is_to_be_followed(receiver):
    receiver.respond = to("/next")
    assert call("GET", receiver.url).status == 302
    assert len(receiver.requests) == 1


def test_redirects_are_followed_to_their_limit(receiver):
    receiver.respond = lambda request, write: (
        (200, {}, b"there") if request.path == "/3" else (302, {"Location": f"/{int(request.path[1:] or 0) + 1}"}, b"")
    )
    answer = call("GET", receiver.url, limits=Limits(redirects=3))
    assert (answer.text, answer.url, len(answer.redirects)) == ("there", f"{receiver.url}/3", 3)
    with pytest.raises(TooManyRedirects, match="more than 2 times"):
        call("GET", receiver.url, limits=Limits(redirects=2))


@pytest.mark.parametrize("location", ["http://xn--a/", "javascript:1", "http://[::1", "//["])
@pytest.mark.parametrize("redirects", [0, 3])
def test_redirect_to_what_is_no_address_ends_in_words(receiver, location, redirects):
    receiver.respond = to(location)
    # Where it need not be followed, some of these are an answer as they are.
    with suppress(BadAddress, Failed):
        assert (call("GET", receiver.url, limits=Limits(redirects=redirects)).status, redirects) == (302, 0)


def test_what_the_caller_gave_along_stays_with_the_first_host(receiver):
    with receiving() as other:
        receiver.respond = to(f"{other.url}/x", 307)
        call("POST", receiver.url, headers={"X-Api-Key": "k", "Authorization": "Bearer k"}, body=b"b", limits=Limits(redirects=1))
    (request,) = other.requests
    assert (request.body, "x-api-key" in request.headers, "authorization" in request.headers) == (b"b", False, False)


def test_redirect_to_an_address_inside_is_refused(guarded, receiver, names, monkeypatch):
    # The first host is public as far as its name goes; its packets are led to the receiver.
    names["public.test"] = [["93.184.216.34"]]
    real = socket.create_connection
    monkeypatch.setattr(
        socket,
        "create_connection",
        lambda address, *args, **options: real(("127.0.0.1", address[1]) if address[0] == "93.184.216.34" else address, *args, **options),
    )
    for inside in (f"http://127.0.0.1:{receiver.port}/secret", f"http://localhost:{receiver.port}/secret", "file:///etc/passwd"):
        receiver.respond = to(inside)
        with pytest.raises((BadAddress, Failed)):
            call("GET", f"http://public.test:{receiver.port}/", limits=Limits(redirects=5))
    assert [request.path for request in receiver.requests] == ["/", "/", "/"]


def test_name_is_looked_up_once_and_the_answer_is_where_it_connects(guarded, names, monkeypatch):
    # Rebinding: public while it is checked, this machine a moment later.
    names["rebind.test"] = [["93.184.216.34"], ["127.0.0.1"]]
    reached = []

    def refuse(address, *args, **options):
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(Failed):
        call("GET", "http://rebind.test/")
    assert reached == ["93.184.216.34"]
    assert names["rebind.test"] == [["127.0.0.1"]]


def test_name_with_one_address_inside_is_refused(guarded, names, receiver):
    names["mixed.test"] = [["93.184.216.34", "127.0.0.1"]]
    with pytest.raises(BadAddress, match=r"127\.0\.0\.1"):
        call("GET", f"http://mixed.test:{receiver.port}/")
    assert receiver.requests == []


def test_next_address_is_tried_when_one_does_not_answer(names, receiver):
    with socket.socket() as closed:
        closed.bind(("127.0.0.2", receiver.port))
        names["two.test"] = [["127.0.0.2", "127.0.0.1"]]
        assert call("GET", f"http://two.test:{receiver.port}/").status == 200
    assert receiver.requests[0].headers["host"] == f"two.test:{receiver.port}"


@pytest.fixture
def tls(tmp_path, monkeypatch) -> ssl.SSLContext:
    """A server's certificate for hooks.test only, trusted by this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.test"), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    both = tmp_path / "both.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    monkeypatch.setenv("SSL_CERT_FILE", str(both))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


def test_certificate_is_checked_against_the_name_not_the_address(tls, names):
    names |= {"hooks.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]}
    with receiving(tls) as secure:
        assert call("GET", f"https://hooks.test:{secure.port}/").status == 200
        with pytest.raises(Failed, match="certificate verify failed"):
            call("GET", f"https://other.test:{secure.port}/")
    assert len(secure.requests) == 1


def test_certificate_that_nobody_vouches_for_is_refused(tls, names, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    names["hooks.test"] = [["127.0.0.1"]]
    with receiving(tls) as secure, pytest.raises(Failed, match="certificate verify failed"):
        call("GET", f"https://hooks.test:{secure.port}/")
    assert secure.requests == []
