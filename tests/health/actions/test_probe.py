import pytest

from audit.actors import Actor
from audit.models import AuditLog
from health.actions import change_probe, create_probe, delete_probe, pause_probe, resume_probe
from health.actions.probe import MOST_PROBES
from health.models import Probe, ProbeResult, ProbeStep
from health.probing.checking import Terms
from health.probing.expecting import Step
from health.probing.planning import KEPT, plan_of
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_probe, make_probe_result

ACTOR = Actor.system("tests")
URL = "https://shop.example/"
STEPS = [Step("GET", URL)]


def create(steps=STEPS, reason="", **terms):
    return create_probe(actor=ACTOR, terms=Terms(**{"name": "Front page"} | terms), steps=steps, reason=reason)


def change(probe, steps=STEPS, **terms):
    return change_probe(actor=ACTOR, probe_id=probe.pk, terms=Terms(**{"name": "Front page"} | terms), steps=steps)


def refused(kind, call, *args, **values):
    with pytest.raises(kind) as error:
        call(*args, **values)
    return error.value


def test_a_new_one_looks_at_once(db):
    probe = create(steps=[Step("HEAD", f" {URL} ", "200,204"), Step("GET", URL, contains=" Ofertas ", headers={"X-Key": "secret"})], reason="D+5")
    assert (probe.state, probe.due_at <= clock.now(), probe.every_minutes, probe.good_ms, probe.down_after) == ("new", True, 5, 2000, 2)
    assert list(ProbeStep.objects.order_by("position").values_list("position", "method", "url", "statuses", "contains", "header_names")) == [
        (1, "HEAD", URL, "200, 204", "", []), (2, "GET", URL, "200-299", "Ofertas", ["X-Key"]),
    ]  # fmt: skip
    row = AuditLog.objects.get(action_type="CREATE_PROBE")
    assert (row.entity_type, row.entity_id, row.reason) == ("probe", str(probe.pk), "D+5")
    assert row.changes["step_2"] == [None, f"GET {URL} (X-Key): 200-299; Ofertas"]
    assert "secret" not in str(row.changes)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": " "}), ("name", {"name": "x" * 101}), ("every_minutes", {"every_minutes": 0}), ("every_minutes", {"every_minutes": 1441}),
        ("time_limit", {"time_limit": 31}), ("good_seconds", {"good_ms": 0}), ("good_seconds", {"good_ms": 10_001}), ("down_after", {"down_after": 11}),
        ("url", {"steps": []}), ("url", {"steps": STEPS * 11}), ("url", {"steps": [Step("GET", "ftp://shop.example/")]}),
        ("url", {"steps": [Step("GET", "https://user:pw@shop.example/")]}), ("method", {"steps": [Step("DELETE", URL)]}),
        ("method", {"steps": [Step("HEAD", URL, contains="x")]}), ("statuses", {"steps": [Step("GET", URL, "ok")]}),
        ("json_path", {"steps": [Step("GET", URL, json_value="x")]}), ("contains", {"steps": [Step("GET", URL, contains="x" * 501)]}),
        ("headers", {"steps": [Step("GET", URL, headers={"Host": "other"})]}), ("headers", {"steps": [Step("GET", URL, headers={"X: y": "z"})]}),
        ("headers", {"steps": [Step("GET", URL, headers={"X-Key": "a\r\nHost: b"})]}), ("headers", {"steps": [Step("GET", URL, headers={"X-Key": KEPT})]}),
        ("headers", {"steps": [Step("GET", URL, headers={"X-Key": "1", "x-key": "2"})]}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(db, field, values):
    assert refused(Invalid, create, **values).field == field
    assert (Probe.objects.count(), AuditLog.objects.count()) == (0, 0)


def test_a_wrong_step_says_which(db):
    assert refused(Invalid, create, steps=[*STEPS, Step("GET", "nowhere")]).facts == {"step": 2}


def test_an_address_inside_is_refused_when_it_is_typed(db, settings):
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = False
    assert refused(Invalid, create, steps=[Step("GET", "http://169.254.169.254/latest")]).field == "url"


def test_a_name_is_taken_once(db):
    create()
    assert refused(Invalid, create, name=" Front  page ").field == "name"
    assert refused(Invalid, change, create(name="Other")).field == "name"


def test_there_is_a_limit(db):
    Probe.objects.bulk_create(Probe(name=f"p{number}", due_at=clock.now()) for number in range(MOST_PROBES))
    assert refused(Conflict, create).code == "too_many"


def test_one_watches_the_feed(db):
    first = create(watches_feed=True)
    second = create(name="New front page", watches_feed=True)
    assert list(Probe.objects.filter(watches_feed=True)) == [second]
    change(first, watches_feed=True)
    assert list(Probe.objects.filter(watches_feed=True)) == [first]
    assert AuditLog.objects.get(action_type="CHANGE_PROBE").changes["watches_feed_before"] == ["New front page", None]


def test_a_change_says_before_and_after_and_looks_at_once(db):
    probe = make_probe(name="Front page", url=URL, state="up", last_at=clock.now(), due_at=clock.now().replace(year=2099))
    change(probe, [Step("GET", f"{URL}feed")], every_minutes=10)
    probe.refresh_from_db()
    assert (probe.state, probe.due_at <= clock.now(), probe.turn) == ("up", True, 1)
    assert AuditLog.objects.get().changes == {
        "schedule": ["every 5 minutes", "every 10 minutes"], "step_1": [f"GET {URL}: 200-299", f"GET {URL}feed: 200-299"],
    }  # fmt: skip


def test_a_change_of_nothing_is_refused(db):
    probe = make_probe(Step("GET", URL, headers={"X-Key": "1"}), name="Front page")
    assert refused(Conflict, change, probe, [Step("GET", URL, headers={"X-Key": KEPT})]).code == "unchanged"
    assert plan_of(Probe.objects.get()).steps[0].headers == {"X-Key": "1"}
    change(probe, [Step("GET", URL, headers={"X-Key": "2"})])
    assert AuditLog.objects.get().changes == {"headers": ["•••", "•••"]}


def test_pause_and_resume(db):
    probe = make_probe(state="down", failures=3)
    assert refused(Invalid, pause_probe, actor=ACTOR, probe_id=probe.pk, reason=" ").field == "reason"
    paused = pause_probe(actor=ACTOR, probe_id=probe.pk, reason="Moving house")
    assert (paused.due_at, paused.pause_reason, paused.paused_by) == (None, "Moving house", ACTOR.label)
    assert refused(Conflict, pause_probe, actor=ACTOR, probe_id=probe.pk, reason="x").code == "already_paused"
    resumed = resume_probe(actor=ACTOR, probe_id=probe.pk)
    assert (resumed.paused_at, resumed.state, resumed.failures, resumed.due_at <= clock.now()) == (None, "new", 0, True)
    assert refused(Conflict, resume_probe, actor=ACTOR, probe_id=probe.pk).code == "not_paused"


def test_a_paused_one_that_is_changed_stays_paused(db):
    probe = make_probe(name="Front page", paused_at=clock.now())
    assert change(probe, name="Shop").due_at is None


def test_deleting_takes_the_results_along(db):
    probe = make_probe()
    make_probe_result(probe)
    assert refused(Invalid, delete_probe, actor=ACTOR, probe_id=probe.pk, reason="").field == "reason"
    delete_probe(actor=ACTOR, probe_id=probe.pk, reason="gone")
    assert (Probe.objects.count(), ProbeResult.objects.count()) == (0, 0)
    refused(NotFound, delete_probe, actor=ACTOR, probe_id=probe.pk, reason="gone")
