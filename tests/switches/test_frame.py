import pytest
from django.urls import reverse

from audit.actors import Actor
from audit.models import AuditLog
from switches import actions
from switches.queries import summary
from tests.signing_in import sign_in

ANA = Actor.system("Ana")


@pytest.fixture
def look(client, viewer):
    sign_in(client, viewer)
    return lambda path="": " ".join(client.get(path or reverse("today")).content.decode().split())


def fact(page):
    return page.split("<small>Jobs</small><b>")[1].split("</b>")[0].split("</svg>")[1]


def off(name):
    actions.turn_off(actor=ANA, name=name, reason="why not")


def test_jobs_fact_says_on_how_many_are_off_and_master_off(look):
    assert fact(look()) == "on"
    off("ENABLE_PRICE_TRACKER")
    off("ENABLE_ANTI_CILADA")
    assert fact(look()) == "2 off"
    off("ENABLE_JOBS")
    assert fact(look()) == "master off"


def test_jobs_fact_counts_what_the_environment_forces(look, monkeypatch):
    monkeypatch.setenv("ENABLE_PRICE_TRACKER", "0")
    assert fact(look()) == "1 off"
    monkeypatch.setenv("ENABLE_JOBS", "off")
    assert fact(look()) == "master off"


@pytest.mark.parametrize(
    ("text", "found"), [("tracker", "ENABLE_PRICE_TRACKER"), ("prices", "ENABLE_PRICE_TRACKER"), ("signups_pa", "BETA_SIGNUPS_PAUSED")]
)
def test_search_finds_switches_by_name_and_words(look, text, found):
    assert f'href="/ops/switches/{found}/"' in look(f"{reverse('search')}?q={text}")


def test_audit_rows_lead_to_the_switch(look):
    off("ENABLE_JOBS")
    row = AuditLog.objects.get(action_type="TURN_SWITCH_OFF")
    assert 'href="/ops/switches/ENABLE_JOBS/"' in look(reverse("audit_row", args=[row.pk]))


def test_status_tells_strangers_no_names(client, db):
    off("ENABLE_PRICE_TRACKER")
    assert summary() == {"master_on": True, "off": 1}
    off("ENABLE_JOBS")
    assert summary() == {"master_on": False, "off": 2}
