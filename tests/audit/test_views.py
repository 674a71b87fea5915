import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from accounts.action_types import AccountAction
from audit import registry
from audit.actions import record
from audit.actors import Actor
from audit.models import AuditLog
from beta.action_types import BetaAction
from opsportal.access import public

URL = "/ops/audit/"


def write(count: int = 1, **fields: Any) -> list[AuditLog]:
    values: dict[str, Any] = {
        "actor": Actor.system("tests"),
        "action_type": BetaAction.CHANGE_CAP,
        "entity_type": "program",
        "entity_id": "1",
    } | fields
    return [record(**values) for _ in range(count)]


@pytest.fixture
def reader(client, viewer):
    client.force_login(viewer)
    return client


def shown(response) -> list[int]:
    """The ids of the rows of the page, in their order."""
    return [int(pk) for pk in re.findall(r'<tr id="row-(\d+)"', response.content.decode())]


def link(response, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', response.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


def get(reader, **query):
    return reader.get(URL, query)


def test_rows_stand_newest_first(reader):
    rows = write(3)
    assert shown(reader.get(URL)) == [row.pk for row in reversed(rows)]


def test_pages_lead_to_the_end_and_back(reader):
    ids = [row.pk for row in reversed(write(120))]
    first = reader.get(URL)
    second = reader.get(URL + link(first, "next"))
    third = reader.get(URL + link(second, "next"))
    assert (shown(first), shown(second), shown(third)) == (ids[:50], ids[50:100], ids[100:])
    assert (link(first, "prev"), link(third, "next")) == ("", "")
    again = reader.get(URL + link(second, "prev"))
    assert (shown(again), link(again, "prev")) == (ids[:50], "")


def test_pages_keep_the_filters(reader):
    ids = [row.pk for row in reversed(write(60))]
    write(5, action_type=AccountAction.SIGN_OUT)
    first = get(reader, action="CHANGE_CAP")
    assert (shown(first), shown(reader.get(URL + link(first, "next")))) == (ids[:50], ids[50:])


@pytest.mark.parametrize("cursor", ["x", "x:y:z", "%00", "ImEi:1sx:abc"])
def test_a_wrong_cursor_is_a_400(reader, cursor):
    write()
    assert get(reader, cursor=cursor).status_code == 400


def test_filters(reader, owner):
    theirs, others = owner.actor, Actor.system("breaker")
    by_owner = write(actor=theirs, entity_type="household", entity_id="7")[0].pk
    by_system = write(actor=others, action_type=AccountAction.SIGN_OUT, entity_type="household", entity_id="8")[0].pk
    on_program = write(actor=theirs)[0].pk
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        of_request = write(actor=others)[0].pk
    cases = {
        (("action", "SIGN_OUT"),): [by_system],
        (("actor", f"person:{owner.pk}"),): [on_program, by_owner],
        (("actor", "system"),): [of_request, by_system],
        (("actor", "client:5"),): [],
        (("entity", "household"),): [by_system, by_owner],
        (("entity", "household"), ("entity_id", "7")): [by_owner],
        (("request_id", "r-1"),): [of_request],
        (("action", "CHANGE_CAP"), ("actor", f"person:{owner.pk}"), ("entity", "household")): [by_owner],
    }
    assert {query: shown(get(reader, **dict(query))) for query in cases} == cases


def test_time_range_is_in_the_teams_zone(reader):
    def at(moment: datetime) -> int:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE ops_audit_logs DISABLE TRIGGER audit_stamp")
            row = AuditLog.objects.create(created_at=moment, actor_kind="cli", action_type="CHANGE_CAP")
            cursor.execute("ALTER TABLE ops_audit_logs ENABLE ALWAYS TRIGGER audit_stamp")
        return row.pk

    noon, one = at(datetime(2026, 11, 22, 12, 0, tzinfo=UTC)), at(datetime(2026, 11, 22, 13, 0, tzinfo=UTC))
    # São Paulo is three hours behind; the beginning is included, the end is not.
    assert shown(get(reader, since="2026-11-22T09:00:00", until="2026-11-22T10:00:00")) == [noon]
    assert shown(get(reader, since="2026-11-22T09:00:01")) == [one]
    assert "09:00:00" in get(reader, until="2026-11-22T10:00").content.decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"action": "NOPE"}, "action"), ({"actor": "robot:1"}, "actor"), ({"entity": "nope"}, "entity"), ({"entity_id": "7"}, "entity"), ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-22T10:00", "until": "2026-11-22T10:00"}, "until"),
    ],
)  # fmt: skip
def test_a_wrong_filter_is_a_field_error_and_stays_to_be_seen(reader, query, field):
    write()
    response = get(reader, **query)
    content = response.content.decode()
    assert (response.status_code, list(response.context["form"].errors), shown(response)) == (200, [field], [])
    assert [value for value in query.values() if f'value="{value}"' not in content] == []


def test_nothing_found_says_which_filters_and_how_to_clear(reader):
    write()
    content = get(reader, action="SIGN_OUT", entity="program").content.decode()
    assert "No row passes these filters" in content
    assert "Filters: Action: signed out; On what kind: program." in content
    assert f'<a class="btn" href="{URL}">Clear all filters</a>' in content


def test_each_chip_takes_its_filter_away(reader):
    write()
    query = {"action": "CHANGE_CAP", "actor": "system:tests", "entity": "program", "entity_id": "1", "since": "2026-01-01T00:00:00"}
    chips = [chip for chip in get(reader, **query, cursor="").context["chips"] if chip.on]
    left = [set(parse_qs(urlsplit(chip.url).query)) for chip in chips]
    everything = set(query)
    assert left == [
        everything - {"action"},
        everything - {"actor"},
        everything - {"entity", "entity_id"},
        everything - {"entity_id"},
        everything - {"since"},
    ]


def test_row_has_a_page_of_its_own_with_all_it_says(reader, monkeypatch):
    monkeypatch.setattr(registry, "_entities", {})
    registry.register_entity("household", "household", lambda entity_id: f"/ops/beta/households/{entity_id}/")
    with structlog.contextvars.bound_contextvars(request_id="req-9", ip="10.0.4.17"):
        (row,) = write(
            entity_type="household",
            entity_id="7",
            entity_label="Silva",
            reason="Two\nlines",
            changes={"cap": (100, 120), "ends_at": (None, datetime(2026, 11, 22, 12, tzinfo=UTC))},
        )
    content = reader.get(reverse("audit_row", args=[row.pk])).content.decode()
    row.refresh_from_db()
    for text in (
        "<del>100</del>", "<ins>120</ins>", "ends at", "09:00:00", "req-9", "10.0.4.17", str(row.transaction), "Two<br>lines", "household Silva", 'href="/ops/beta/households/7/"',
        'href="/ops/audit/?actor=system%3Atests"', 'href="/ops/audit/?entity=household&amp;entity_id=7"', 'href="/ops/audit/?request_id=req-9"',
    ):  # fmt: skip
        assert text in content
    assert "<!doctype html>" in content


def test_row_with_an_id_that_no_page_has_still_opens(reader, monkeypatch):
    monkeypatch.setattr(registry, "_entities", {})
    registry.register_entity("household", "household", lambda entity_id: reverse("audit_row", args=[entity_id]))
    (row,) = write(entity_type="household", entity_id="not a number")
    assert "Open the household" not in reader.get(reverse("audit_row", args=[row.pk])).content.decode()


def test_row_opens_and_closes_in_place(reader):
    (row,) = write(changes={"cap": (100, 120)})
    url = reverse("audit_row", args=[row.pk])
    opened = reader.get(url, headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r"<tr id=\"(\S+?)\"|<tr class=\"audit__detail\" id=\"(\S+?)\"", opened) == [(f"row-{row.pk}", ""), ("", f"detail-{row.pk}")]
    assert ("<html" in opened, 'aria-expanded="true"' in opened, f'hx-get="{url}?close"' in opened, "<ins>120</ins>" in opened) == (
        False,
        True,
        True,
        True,
    )
    closed = reader.get(f"{url}?close", headers={"HX-Request": "true"}).content.decode()
    assert ('aria-expanded="false"' in closed, f'<tr id="detail-{row.pk}" hx-swap-oob="delete">' in closed, "<ins>" in closed) == (True, True, False)


@pytest.mark.parametrize("pk", [1, 10**18, 10**30])
def test_row_that_is_not_there_is_404(reader, pk):
    assert reader.get(f"{URL}{pk}/").status_code == 404


def test_what_people_typed_is_escaped(reader):
    (row,) = write(reason="<script>x</script>", entity_label="<x-b>", changes={"<x-i>": ("<x-u>", {"<x-s>": 1})})
    content = reader.get(URL).content.decode() + reader.get(reverse("audit_row", args=[row.pk])).content.decode()
    assert re.findall(r"<script>x|<x-\w>", content) == []


def test_query_count_does_not_depend_on_the_rows(reader, owner):
    counts = []
    for rows in (1, 3, 100):
        for _ in range(rows):
            write(actor=owner.actor, entity_type="household", entity_id=rows, changes={"cap": (1, 2)})
        with CaptureQueriesContext(
            connection,
        ) as captured:
            get(reader, action="CHANGE_CAP")
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2]


def test_anonymous_is_sent_to_sign_in(client, owner):
    response = client.get(URL)
    where = urlsplit(response["Location"])
    assert (response.status_code, where.path, parse_qs(where.query)) == (302, reverse("account_login"), {"next": [URL]})


@pytest.mark.parametrize("address", [URL, f"{URL}1/"])
def test_other_methods_are_405(reader, address):
    assert reader.post(address).status_code == 405


@public
def act(request):
    from django.http import HttpResponse

    with transaction.atomic():
        record(actor=Actor.anonymous("eve"), action_type=AccountAction.SIGN_IN_FAILED)
    return HttpResponse("done")


urlpatterns = [path("act", act)]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("proxies", "ip"), [(0, "10.0.0.9"), (1, "203.0.113.9")])
def test_a_real_request_leaves_its_id_and_address(client, db, settings, proxies, ip):
    settings.OPS_PROXIES = proxies
    for _ in range(2):
        client.get("/act", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9", "X-Request-ID": "mine"})
    first, second = AuditLog.objects.all()
    assert (first.ip, second.ip) == (ip, ip)
    assert re.fullmatch(r"[0-9a-f-]{36}", first.request_id)
    assert first.request_id != second.request_id
