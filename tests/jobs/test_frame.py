import pytest

from audit import registry as audit
from jobs.engine.ending import ACTOR
from switches import actions as switches
from tests.factories import make_failed_item, make_run
from tests.jobs.trial import SWITCH
from tests.signing_in import sign_in


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


def waiting(client):
    """What the navigation counts beside Jobs."""
    frame = client.get("/ops/jobs/").context["frame"]
    return [line["count"] for group in frame.navigation for line in group["items"] if line["item"].url_name == "jobs"]


def test_navigation_counts_jobs_where_a_person_must_act(signed_in, make_trial):
    make_trial()
    make_failed_item(state="waiting")
    assert waiting(signed_in) == [0]
    make_failed_item(state="given_up")
    make_failed_item(state="given_up")
    assert waiting(signed_in) == [1]
    switches.turn_off(actor=ACTOR, name="ENABLE_ANTI_CILADA", reason="failed")
    assert waiting(signed_in) == [2]


def test_switch_that_a_person_turned_off_waits_for_nobody(signed_in, trial, owner):
    switches.turn_off(actor=owner.actor, name=SWITCH, reason="quiet")
    assert waiting(signed_in) == [0]


def found(client, words):
    return [(str(hit.label), hit.url) for hit in client.get("/ops/search", {"q": words}).context["hits"] if "/jobs/" in hit.url]


@pytest.mark.parametrize("words", ["tria", "TRIAL"])
def test_search_finds_a_job_by_its_name(signed_in, trial, words):
    assert found(signed_in, words) == [("Trial", "/ops/jobs/trial/")]


def test_search_finds_a_run_by_its_number(signed_in, trial):
    run = make_run()
    assert found(signed_in, f"#{run.pk}") == found(signed_in, str(run.pk)) == [(f"trial #{run.pk}", f"/ops/jobs/runs/{run.pk}/")]
    for nothing in ("#", "999999", "9" * 90, "²"):
        assert found(signed_in, nothing) == []


def test_audit_rows_lead_to_the_job_and_the_run():
    assert audit.entity_url("job", "sweep") == "/ops/jobs/sweep/"
    assert audit.entity_url("run", "7") == "/ops/jobs/runs/7/"
