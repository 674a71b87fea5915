import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from health.models import Probe, ProbeResult
from health.probing.expecting import Step
from health.probing.planning import KEPT, plan_of
from opsportal import clock
from tests.factories import make_person, make_ping, make_probe, make_probe_result
from tests.receiver import receiving
from tests.signing_in import sign_in

LIST, NEW = "/ops/health/", "/ops/health/probes/new"
TYPED = {
    "name": "Front page", "every_minutes": "5", "time_limit": "10", "good_seconds": "1.5", "down_after": "3", "watches_feed": "on", "description": "",
    "reason": "", "steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "0", "steps-0-method": "GET", "steps-0-url": "https://shop.example/",
    "steps-0-statuses": "", "steps-0-contains": "", "steps-0-json_path": "", "steps-0-json_value": "", "steps-0-headers": "",
}  # fmt: skip
SECOND = {"steps-TOTAL_FORMS": "2", "steps-1-method": "HEAD", "steps-1-url": "https://shop.example/2", "steps-1-headers": "X-Key: s3cr3t-of-ours"}


@pytest.fixture
def engineer(client, operator):
    return sign_in(client, operator)


@pytest.fixture
def shop():
    with receiving() as one:
        yield one


def text(response):
    return " ".join(response.content.decode().split())


def own(seen):
    """The statements about probes."""
    return [query["sql"] for query in seen if re.search(r'FROM "?probe', query["sql"])]


def page_of(probe):
    return f"/ops/health/probes/{probe.pk}"


def test_an_empty_list_says_how_to_begin(client, operator, viewer):
    assert ">Add a probe</a>" in text(sign_in(client, operator).get(LIST))
    page = text(sign_in(client, viewer).get(LIST))
    assert ("No probe yet" in page, "Engineers and the CTO can add one." in page, ">Add a probe</a>" in page) == (True, True, False)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(engineer, count):
    for _number in range(count):
        make_probe_result(make_probe())
    engineer.get(LIST)
    with CaptureQueriesContext(connection) as seen:
        assert engineer.get(LIST).status_code == 200
    # Beside the navigation, the counts of the chips, the page, the figures, the quarters.
    assert len(own(seen)) == 5


def test_the_list_has_the_worst_on_top_and_filters(engineer):
    make_probe(name="Fine", state="up", last_at=clock.now(), last_ms=1)
    make_probe(name="Broken", state="down", last_at=clock.now(), last_ms=1, last_fault="too_slow", last_facts={"seconds": 10})
    page = text(engineer.get(LIST))
    assert page.index("Broken") < page.index("Fine")
    assert "Down: there was no whole answer within 10 s." in page
    assert "Fine" not in text(engineer.get(f"{LIST}?state=down"))
    assert "No probe is in this state" in text(engineer.get(f"{LIST}?state=failing"))


def test_probes_and_pings_lead_to_each_other(engineer):
    assert 'href="/ops/health/pings"' in text(engineer.get(LIST))
    assert 'href="/ops/health/"' in text(engineer.get("/ops/health/pings"))


def test_a_page_says_why_it_failed(engineer):
    probe = make_probe(Step("GET", "https://shop.example/", json_path="status", json_value="ok", headers={"X-Key": "s3cr3t-of-ours"}), state="failing", failures=1,
                       last_at=clock.now(), last_ms=700, last_fault="json", last_facts={"path": "status", "value": "<b>", "expected": "ok"})  # fmt: skip
    make_probe_result(probe, ok=False, fault="json", facts={"path": "status", "value": "<b>", "expected": "ok"}, excerpt='{"status": "<b>"}', step=2)
    make_probe_result(probe, at=clock.now() - timedelta(hours=2), ms=4000, is_slow=True, asked_by="Ana")
    page = text(engineer.get(page_of(probe)))
    assert "Failing: “status” is &lt;b&gt;, and ok was expected. 1 more failure and it is down." in page
    assert "Step 2: “status” is &lt;b&gt;, and ok was expected." in page
    assert "{&quot;status&quot;: &quot;&lt;b&gt;&quot;}" in page
    assert ("asked by Ana" in page, "with the headers X-Key" in page, "s3cr3t-of-ours" in page) == (True, True, False)
    assert "asked by Ana" not in text(engineer.get(f"{page_of(probe)}?show=failed"))


@pytest.mark.parametrize("count", [1, 25])
def test_a_page_takes_the_same_queries_for_any_number_of_results(engineer, count):
    probe = make_probe()
    for number in range(count):
        make_probe_result(probe, at=clock.now() - timedelta(hours=1, minutes=number))
    engineer.get(page_of(probe))
    with CaptureQueriesContext(connection) as seen:
        assert engineer.get(page_of(probe)).status_code == 200
    # Beside the navigation, the probe, the figures, the quarters, the steps, the results, the flips.
    assert len(own(seen)) == 7


def test_who_may_only_look_has_no_buttons(client, viewer):
    probe = make_probe()
    page = text(sign_in(client, viewer).get(page_of(probe)))
    assert ("Run now" in page, "Delete…" in page) == (False, False)
    for path in ("run", "edit", "pause", "resume", "delete"):
        assert client.post(f"{page_of(probe)}/{path}").status_code == 403


def test_adding_one(engineer, operator):
    response = engineer.post(NEW, TYPED | SECOND)
    probe = Probe.objects.get()
    assert response.headers["Location"] == page_of(probe)
    assert (probe.name, probe.good_ms, probe.down_after, probe.watches_feed, probe.created_by) == ("Front page", 1500, 3, True, operator.actor.label)
    assert [(step.method, step.url, step.headers) for step in plan_of(probe).steps] == [
        ("GET", "https://shop.example/", {}), ("HEAD", "https://shop.example/2", {"X-Key": "s3cr3t-of-ours"}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "This field is required."), ({"steps-0-url": ""}, "This field is required."), ({"steps-0-url": "ftp://x/"}, "begins with https://"),
        (SECOND | {"steps-1-url": "nowhere"}, "A web address begins with"), ({"good_seconds": "11"}, "no more than the time limit"),
        ({"steps-0-headers": "no colon"}, "One header a line"), ({"steps-TOTAL_FORMS": "x"}, "A probe has at least one step."),
        ({"steps-TOTAL_FORMS": "0"}, "A probe has at least one step."), (SECOND | {"steps-0-url": "", "steps-1-url": ""}, "Type the address to look at."),
        ({"steps-0-json_value": "x"}, "Say where in the JSON"),
    ],
)  # fmt: skip
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(engineer, typed, said):
    response = engineer.post(NEW, TYPED | {"description": "call Bruno"} | typed)
    page = text(response)
    assert (response.status_code, said in page, "call Bruno" in page) == (422, True, True)
    assert Probe.objects.count() == 0


@pytest.mark.parametrize("nasty", ["a\x00b", "9" * 5000, "http://[::1", "NaN"])
def test_nasty_values_in_every_field_are_refused(engineer, nasty):
    """With a management form that is in order, so that the steps are read."""
    typed = {name: value if "FORMS" in name or not value else nasty for name, value in (TYPED | SECOND).items()}
    assert [engineer.post(NEW, typed | which).status_code for which in ({}, {"try": "1"})] == [422, 422]
    for field in ("steps-0-url", "steps-0-headers", "steps-0-contains", "good_seconds"):
        assert engineer.post(NEW, TYPED | {field: nasty}).status_code in (302, 422)


def test_one_more_step_keeps_what_was_typed(engineer):
    response = engineer.post(NEW, TYPED | {"add": "1"})
    page = text(response)
    assert (response.status_code, "Step 2" in page, 'value="https://shop.example/"' in page, "Step 3" in page) == (200, True, True, False)
    full = text(engineer.post(NEW, TYPED | {"steps-TOTAL_FORMS": "10", "add": "1"}))
    assert ("Step 10" in full, "Step 11" in full, "Add a step" in full) == (True, False, False)


def test_trying_saves_nothing(engineer, shop):
    shop.answers(200, 500, body=b"oh <no>")
    typed = TYPED | {"steps-0-url": f"{shop.url}/", "try": "1"}
    good = text(engineer.post(NEW, typed))
    bad = text(engineer.post(NEW, typed))
    assert "It answered as expected in" in good
    assert ("It answered 500, and 200-299 was expected." in bad, "oh &lt;no&gt;" in bad, "Nothing is saved yet." in bad) == (True, True, True)
    assert (Probe.objects.count(), ProbeResult.objects.count(), AuditLog.objects.count()) == (0, 0, 0)


def test_trying_an_address_inside_calls_nobody(engineer, shop, settings):
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = False
    response = engineer.post(NEW, TYPED | {"steps-0-url": f"{shop.url}/", "try": "1"})
    assert (response.status_code, "is not on the public internet" in text(response), shop.requests) == (422, True, [])


def test_a_kept_header_is_shown_to_nobody_and_sent_to_its_host_only(engineer, shop):
    probe = make_probe(Step("GET", f"{shop.url}/", headers={"X-Key": "s3cr3t-of-ours"}), name="Front page")
    page = text(engineer.get(f"{page_of(probe)}/edit"))
    assert (f"X-Key: {KEPT}" in page, "s3cr3t-of-ours" in page) == (True, False)
    typed = TYPED | {"steps-0-headers": f"X-Key: {KEPT}", "try": "1"}
    assert "It answered as expected" in text(engineer.post(f"{page_of(probe)}/edit", typed | {"steps-0-url": f"{shop.url}/other"}))
    with receiving() as elsewhere:
        refused = engineer.post(f"{page_of(probe)}/edit", typed | {"steps-0-url": f"{elsewhere.url}/"})
        assert (refused.status_code, elsewhere.requests) == (422, [])
    assert [(request.path, request.headers["x-key"]) for request in shop.requests] == [("/other", "s3cr3t-of-ours")]


def test_editing(engineer):
    probe = make_probe(name="Front page", url="https://shop.example/")
    response = engineer.post(f"{page_of(probe)}/edit", TYPED | {"name": "Shop", "reason": "clearer"})
    assert (response.status_code, Probe.objects.get().name, AuditLog.objects.get().reason) == (302, "Shop", "clearer")


def test_running_now(engineer, shop, operator):
    shop.answers(200, 503)
    probe = make_probe(url=f"{shop.url}/")
    good = text(engineer.post(f"{page_of(probe)}/run", follow=True))
    bad = text(engineer.post(f"{page_of(probe)}/run", follow=True))
    assert ("It answered as expected in" in good, "It failed: it answered 503, and 200-299 was expected." in bad) == (True, True)
    assert list(ProbeResult.objects.order_by("pk").values_list("ok", "asked_by")) == [(True, operator.actor.label), (False, operator.actor.label)]
    assert AuditLog.objects.filter(action_type="RUN_PROBE").count() == 2


def test_pausing_resuming_and_deleting(engineer):
    probe = make_probe(name="Front page")
    assert engineer.post(f"{page_of(probe)}/pause", {"reason": ""}).status_code == 422
    engineer.post(f"{page_of(probe)}/pause", {"reason": "moving"})
    assert "Paused by" in text(engineer.get(page_of(probe)))
    engineer.post(f"{page_of(probe)}/resume")
    assert Probe.objects.get().paused_at is None
    assert engineer.post(f"{page_of(probe)}/delete", {"reason": "gone"}).headers["Location"] == LIST
    assert Probe.objects.count() == 0


def test_the_search_finds_probes(engineer):
    make_probe(name="Front page")
    make_ping(name="Front door")
    page = text(engineer.get("/ops/search?q=front"))
    assert ("Front page" in page, "Front door" in page) == (True, True)


def test_the_status_counts_probes(client, db):
    make_probe(state="down")
    make_person()
    assert client.get("/api/status").json()["probes"] == {"new": 0, "up": 0, "failing": 0, "down": 1, "paused": 0}
