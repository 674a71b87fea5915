"""Every line of the convention, over HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from audit.models import AuditLog
from health.actions import create_ping_key
from health.models import Ping, PingEvent
from opsportal.logs import without_secrets
from tests.factories import make_ping

LIMIT = 10_000


@pytest.fixture
def key(owner):
    return create_ping_key(actor=owner.actor).raw


@pytest.fixture
def ping(db):
    return make_ping(slug="nightly-backup")


@pytest.fixture
def web():
    """As a job calls: no cookie, no token."""
    return Client(enforce_csrf_checks=True)


def answer(response):
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("by", ["uuid", "slug"])
@pytest.mark.parametrize("method", ["HEAD", "GET", "POST"])
@pytest.mark.parametrize(
    "case",
    [("", "success", None), ("/", "success", None), ("/start", "start", None), ("/fail", "fail", None), ("/log", "log", None), ("/0", "success", 0), ("/1", "fail", 1), ("/255", "fail", 255)],
)  # fmt: skip
def test_every_address_takes_every_method(request, by, method, case):
    web, ping, key = (request.getfixturevalue(name) for name in ("web", "ping", "key"))
    ending, kind, status = case
    response = web.generic(method, f"/ping/{ping.uuid if by == 'uuid' else f'{key}/nightly-backup'}{ending}")
    assert answer(response) == (200, "" if method == "HEAD" else "OK")
    assert (response["Content-Type"], response["Ping-Body-Limit"], response["Content-Length"]) == ("text/plain; charset=utf-8", "10000", "2")
    assert "no-store" in response["Cache-Control"]
    assert (response.cookies, "Location" in response) == ({}, False)
    event = PingEvent.objects.get()
    assert (event.ping_id, event.kind, event.exit_status, event.method, event.body, event.rid) == (ping.pk, kind, status, method, "", None)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_405(web, ping, method):
    response = getattr(web, method)(f"/ping/{ping.uuid}")
    assert (response.status_code, response["Allow"], PingEvent.objects.count()) == (405, "HEAD, GET, POST", 0)


def test_the_run_id_is_kept(web, ping):
    rid = uuid4()
    assert answer(web.get(f"/ping/{ping.uuid}/start?rid={rid}")) == (200, "OK")
    assert answer(web.post(f"/ping/{ping.uuid}/0?rid={str(rid).upper()}")) == (200, "OK")
    assert list(PingEvent.objects.order_by("pk").values_list("rid", "kind")) == [(rid, "start"), (rid, "success")]
    ping.refresh_from_db()
    assert ping.last_duration is not None


def test_create_is_201_once_and_200_after(web, key):
    assert [answer(web.get(f"/ping/{key}/fresh{ending}?create=1")) for ending in ("", "", "/fail")] == [(201, "Created"), (200, "OK"), (200, "OK")]
    assert Ping.objects.get().slug == "fresh"
    assert AuditLog.objects.filter(action_type="CREATE_PING").count() == 1


@pytest.mark.parametrize("query", ["", "?create=0", "?create=", "?create=true", "?create=2"])
def test_nothing_is_created_unless_asked(web, key, query):
    assert answer(web.get(f"/ping/{key}/fresh{query}")) == (404, "not found")
    assert Ping.objects.count() == 0


def test_refusals_are_in_the_conventions_words(web, ping, key):
    twins = [make_ping(slug="twin"), make_ping(slug="twin")]
    table = {
        f"/ping/{ping.uuid}/256": (400, "invalid url format"), f"/ping/{ping.uuid}/300": (400, "invalid url format"),
        f"/ping/{key}/nightly-backup/300": (400, "invalid url format"), f"/ping/{key}/Nightly-Backup": (400, "invalid url format"),
        f"/ping/{key}/nightly-backup/what/ever": (400, "invalid url format"), "/ping/no-uuid": (400, "invalid uuid format"),
        f"/ping/{ping.uuid}?rid=nonsense": (400, "invalid uuid format"), f"/ping/{ping.uuid}?rid=": (400, "invalid uuid format"),
        f"/ping/{uuid4()}": (404, "not found"), f"/ping/{key}/other": (404, "not found"), "/ping/wrong/nightly-backup": (404, "not found"),
        "/ping/wrong/new?create=1": (404, "not found"), f"/ping/{key}/twin": (409, "ambiguous slug"), f"/ping/{key}/twin?create=1": (409, "ambiguous slug"),
    }  # fmt: skip
    assert {path: answer(web.get(path)) for path in table} == table
    assert (PingEvent.objects.count(), Ping.objects.count()) == (0, 3)
    assert answer(web.get(f"/ping/{twins[0].uuid}")) == (200, "OK")


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (b"", ("", None, False)), (b"hello\n", ("hello\n", 6, False)), ("olá".encode(), ("olá", 4, False)), (b"a\x00b", ("a\ufffdb", 3, False)),
        (b"\xff\xfe\x80 x", ("\ufffd\ufffd\ufffd x", 5, False)), (b"\xed\xa0\x80", ("\ufffd\ufffd\ufffd", 3, False)), (b"cut in the middle: \xc3", ("cut in the middle: \ufffd", 20, False)),
        (b"x" * LIMIT, ("x" * LIMIT, LIMIT, False)), (b"x" * (LIMIT + 1), ("x" * LIMIT, LIMIT + 1, True)),
        # Cut in the middle of a character: half of it is not kept.
        (b"x" * (LIMIT - 1) + "é".encode(), ("x" * (LIMIT - 1), LIMIT + 1, True)), (b"y" * 5_000_000, ("y" * LIMIT, 5_000_000, True)),
        (b"<script>alert(1)</script>", ("<script>alert(1)</script>", 25, False)),
    ],
)  # fmt: skip
def test_a_body_is_kept_as_text_up_to_its_limit(web, ping, sent, found):
    assert answer(web.post(f"/ping/{ping.uuid}", sent, content_type="application/octet-stream")) == (200, "OK")
    event = PingEvent.objects.get()
    assert (event.body, event.body_bytes, event.is_cut) == found


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "nonsense"])
def test_a_body_is_text_whatever_it_says_it_is(web, ping, content_type):
    assert answer(web.post(f"/ping/{ping.uuid}", b"--x\r\nbroken=%zz&a=1", content_type=content_type)) == (200, "OK")
    assert PingEvent.objects.get().body == "--x\r\nbroken=%zz&a=1"


def test_a_get_may_have_a_body_too(web, ping):
    assert answer(web.generic("GET", f"/ping/{ping.uuid}", b"said with GET")) == (200, "OK")
    assert PingEvent.objects.get().body == "said with GET"


def test_who_called_is_kept_and_cut(web, ping, settings):
    settings.OPS_PROXIES = 1
    web.get(f"/ping/{ping.uuid}", headers={"user-agent": "a\x00" + "u" * 500, "x-forwarded-for": "8.8.8.8, 203.0.113.7"})
    web.get(f"/ping/{ping.uuid}", headers={"user-agent": "", "x-forwarded-for": "nonsense"})
    found = list(PingEvent.objects.order_by("pk").values_list("address", "user_agent"))
    assert found == [("203.0.113.7", "a\ufffd" + "u" * 198), (None, "")]


def test_a_call_needs_no_session_and_few_queries(client, owner, ping, django_assert_num_queries):
    client.force_login(owner)
    client.get(f"/ping/{ping.uuid}")
    # Lock, update, event; and the savepoint of this test's transaction.
    with django_assert_num_queries(5):
        response = client.get(f"/ping/{ping.uuid}")
    assert (response.status_code, response.cookies, "Vary" in response) == (200, {}, False)


def test_a_database_that_does_not_answer_in_time_is_503(transactional_db, connect, web):
    ping = make_ping()
    with connect() as sql:
        sql.execute("SELECT 1 FROM pings WHERE id = %s FOR UPDATE", [ping.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        try:
            response = web.get(f"/ping/{ping.uuid}")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = 0")
    assert (answer(response), response["Retry-After"]) == ((503, "unavailable"), "5")
    assert (answer(web.get(f"/ping/{ping.uuid}")), PingEvent.objects.count()) == ((200, "OK"), 1)


def test_the_address_is_in_no_log_line(web, ping, key, caplog):
    for path in (f"/ping/{ping.uuid}/300", f"/ping/{key}/none", f"/ping/{key}/nightly-backup/300"):
        web.get(path)
    lines = [without_secrets(None, "", record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}) for record in caplog.records]
    assert [line["request"] for line in lines] == ["GET /ping/•••/300", "GET /ping/•••/none", "GET /ping/•••/nightly-backup/300"]


def test_times_of_many_calls_in_one_period_move_the_deadline(web, ping):
    web.get(f"/ping/{ping.uuid}")
    ping.refresh_from_db()
    first = ping.deadline
    web.get(f"/ping/{ping.uuid}")
    ping.refresh_from_db()
    assert timedelta(0) < ping.deadline - first < timedelta(minutes=5)
