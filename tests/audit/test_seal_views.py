import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditLog
from opsportal import clock
from opsportal.frame import Frame
from tests.audit.chains import lifted, sealed, write

SEALS, CHECK = "/ops/audit/seals/", "/ops/audit/seals/check/"


@pytest.fixture(autouse=True)
def seal_file(settings: Any, tmp_path: Any) -> None:
    settings.OPS_SEAL_FILE = tmp_path / "audit-seals.log"


@pytest.fixture
def reader(client, viewer):
    client.force_login(viewer)
    return client


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def test_an_empty_chain_says_what_comes(reader):
    told = words(reader.get(SEALS))
    assert ("nothing to seal" in told, "Nothing is sealed yet" in told, "Last seal none yet Not sealed yet no row Oldest of these none" in told) == (
        True,
        True,
        True,
    )
    assert "nothing to check" in words(reader.get(CHECK))


def test_the_page_says_how_far_sealing_is(reader, tmp_path):
    sealed(3)
    told = words(reader.get(SEALS))
    assert ("all sealed" in told, "Last seal #1 , now Not sealed yet no row Oldest of these none" in told) == (True, True)
    assert f"the log, webhooks that ask for them, and {tmp_path}/audit-seals.log" in told
    write(2)
    told = words(reader.get(SEALS))
    assert ("on time" in told, "Not sealed yet 2 rows Oldest of these now" in told) == (True, True)
    with time_machine.travel(clock.now() + timedelta(minutes=3), tick=False):
        told = words(reader.get(SEALS))
    assert ("Sealing is behind." in told, "Not sealed yet 2 rows Oldest of these 3 minutes ago" in told) == (True, True)


def test_rows_that_wait_are_counted_to_a_limit_only(reader, monkeypatch):
    monkeypatch.setattr("audit.queries.COUNTED", 3)
    monkeypatch.setattr("audit.queries.waiting.__defaults__", (3,))
    write(5)
    assert "Not sealed yet 3 rows or more" in words(reader.get(SEALS))


def test_seals_stand_newest_first_in_pages(reader, monkeypatch):
    monkeypatch.setattr("audit.views.PAGE", 2)
    for _ in range(5):
        sealed(1)
    shown, url = [], SEALS
    while url:
        content = reader.get(url).content.decode()
        shown.append(re.findall(r'<th scope="row"><a href="/ops/audit/seals/(\d+)/">', content))
        found = re.search(r'rel="next" href="([^"]+)"', content)
        url = SEALS + found[1] if found else ""
    assert shown == [["5", "4"], ["3", "2"], ["1"]]


@pytest.mark.parametrize("cursor", ["x", "%00"])
def test_a_wrong_cursor_is_a_400(reader, cursor):
    assert reader.get(SEALS, {"cursor": cursor}).status_code == 400


def test_the_check_says_that_all_is_well(reader):
    sealed(2)
    sealed(1)
    told = words(reader.get(CHECK))
    assert ("as it was sealed 3 rows of 2 seals checked." in told, "NOT as" in told) == (True, False)
    part = reader.get(CHECK, headers={"HX-Request": "true"}).content.decode()
    assert (part.count('id="check"'), "<html" in part, "3 rows of 2 seals checked" in part) == (1, False, True)


def test_the_check_looks_at_the_latest_only_and_names_what_it_finds(reader, monkeypatch):
    monkeypatch.setattr("audit.views.CHECKED", 2)
    ids = [one for _ in range(3) for one in sealed(1)[0]]
    with lifted() as sql:
        sql.execute("UPDATE ops_audit_logs SET reason = 'x' WHERE id = ANY(%s)", [[ids[0], ids[2]]])
    told = words(reader.get(CHECK))
    assert f"NOT as it was sealed Altered: row {ids[2]} of seal #3. Change nothing." in told
    assert (f"row {ids[0]} of" in told, "2 rows of 2 seals checked." in told) == (False, True)


def test_a_check_that_took_too_long_says_how_far_it_came(reader, monkeypatch):
    monkeypatch.setattr("audit.views.CHECK_SECONDS", -1)
    for _ in range(2):
        sealed(1)
    assert "1 rows of 1 seal checked. Time ran out after seal #1." in words(reader.get(CHECK))


def test_a_seal_has_a_page_that_checks_it(reader):
    sealed(1)
    ids, seal = sealed(3)
    content = reader.get(f"{SEALS}2/").content.decode()
    for text in (f"{ids[0]}–{ids[2]}", seal.head.hex(), f'<a href="{SEALS}1/">#1</a>', "3 rows of 1 seal checked.", "as it was sealed"):
        assert text in content
    assert "nothing: the first one" in reader.get(f"{SEALS}1/").content.decode()
    with lifted() as sql:
        sql.execute("DELETE FROM ops_audit_logs WHERE id = %s", [ids[1]])
    assert f"Removed: row {ids[1]} of seal #2." in words(reader.get(f"{SEALS}2/"))


@pytest.mark.parametrize("pk", [1, 10**18, 10**30])
def test_a_seal_that_is_not_there_is_404(reader, pk):
    assert reader.get(f"{SEALS}{pk}/").status_code == 404


def test_a_row_says_which_seal_covers_it(reader):
    (row_id,) = write()
    url = reverse("audit_row", args=[row_id])
    assert "Sealed not yet; within a minute" in words(reader.get(url))
    sealed(1)
    assert re.search(r"Sealed in #1 , \w+day ", words(reader.get(url)))
    assert f'<a href="{SEALS}1/">in #1</a>' in reader.get(url, headers={"HX-Request": "true"}).content.decode()


def test_pages_cost_the_same_whatever_they_show(reader):
    counts = []
    for rows in (1, 3):
        for _ in range(rows):
            sealed(2)
        with CaptureQueriesContext(connection) as captured:
            reader.get(SEALS)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_status_bar_says_so_only_when_sealing_is_behind(rf, viewer):
    def told() -> list[tuple[str, str, str]]:
        # A request each: it is read once a request.
        request = rf.get("/")
        request.user = viewer
        return [(str(fact.word), fact.tone, fact.url) for fact in Frame(request).facts if fact.label == "Audit log"]

    sealed(1)
    (row_id,) = write()
    written = AuditLog.objects.get(pk=row_id).created_at
    assert told() == []
    with time_machine.travel(written + timedelta(seconds=119), tick=False):
        assert told() == []
    with time_machine.travel(written + timedelta(seconds=121), tick=False):
        ((word, tone, url),) = told()
    assert (re.sub(r"\d\d:\d\d$", "…", word), tone, url) == ("not sealed since …", "warn", SEALS)
    sealed(1)
    with time_machine.travel(written + timedelta(seconds=121), tick=False):
        assert told() == []


@pytest.mark.parametrize("address", [SEALS, CHECK, f"{SEALS}1/"])
def test_other_methods_are_405(reader, address):
    assert reader.post(address).status_code == 405
