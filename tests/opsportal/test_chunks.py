"""A body in chunks, as many clients send it, over a real socket: Django's own test client cannot."""

import http.client
import json
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from gunicorn.http.errors import InvalidChunkSize, NoMoreData

from tests.race import open_beta


def send(portal, key, chunks):
    address = urlsplit(portal.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    connection.request(
        "POST", "/api/beta/signups", iter(chunks), {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}, encode_chunked=True
    )
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_body_in_chunks_is_read_like_any_other(live_portal):
    key = open_beta(live_portal, cap=5000)
    status, seat = send(live_portal, key, [b'{"household_key": "in-chunks", ', b'"email": "a@example.com"}'])
    assert (status, sorted(seat)) == (201, ["cap", "household_id", "seat", "seats_taken"])


class Broken(BytesIO):
    """What a server gives for chunks that break off, or that are none."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def read(self, *args):
        raise self.error


@pytest.mark.parametrize("error", [NoMoreData(), InvalidChunkSize(b"ZZ")])
@pytest.mark.parametrize("path", ["/api/beta/signups", "/ping/00000000-0000-4000-8000-000000000000"])
def test_chunks_that_can_not_be_read_are_refused(client, path, error):
    response = client.generic("POST", path, headers={"Transfer-Encoding": "chunked"}, **{"wsgi.input": Broken(error)})
    assert (response.status_code, response.json()["code"]) == (400, "unreadable_body")


def test_chunks_without_end_are_refused(client):
    endless = BytesIO(b" " * 5_000_000)
    response = client.generic("POST", "/api/beta/signups", headers={"Transfer-Encoding": "chunked"}, **{"wsgi.input": endless})
    assert (response.status_code, response.json()["code"], endless.tell()) == (413, "too_large", 1024 * 1024 + 1)
