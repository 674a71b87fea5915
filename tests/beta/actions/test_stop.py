import threading
import time

import psycopg
import pytest
from django.test import override_settings

from audit.actors import Actor
from audit.models import AuditLog
from beta import blockers
from beta.actions import explain_stop, resume_signups, stop_signups, sync_environment_stop
from beta.models import Household, Program
from beta.queries import gate_state, seated_since
from opsportal.errors import Conflict, Invalid
from tests.factories import make_household

ANA = Actor.system("Ana")


def actions():
    return list(AuditLog.objects.order_by("id").values_list("action_type", flat=True))


def test_stop_says_who_and_since_when(db, owner):
    make_household()
    program = stop_signups(actor=owner.actor)
    row = AuditLog.objects.get(action_type="STOP_SIGNUPS")
    assert (program.stopped_by, program.stop_version, program.stop_audit_id) == ("Ana Souza (CTO)", 2, row.pk)
    assert row.changes["version"] == [1, 2]
    assert row.changes["stopped_at"][0] is None
    assert gate_state().open is False
    assert seated_since(program.stop_version) == 0


def test_stopping_again_changes_and_records_nothing(db, owner, support):
    first = stop_signups(actor=owner.actor, reason="leak")
    second = stop_signups(actor=support.actor, reason="me too")
    assert (second.stopped_at, second.stopped_by, second.stop_reason) == (first.stopped_at, first.stopped_by, "leak")
    assert actions() == ["STOP_SIGNUPS"]


def test_explain_keeps_what_was_said_before(db, owner):
    stop_signups(actor=owner.actor)
    explain_stop(actor=owner.actor, reason="leak")
    explain_stop(actor=owner.actor, reason="a leaked code")
    assert AuditLog.objects.latest("id").changes["stop_reason"] == ["leak", "a leaked code"]
    with pytest.raises(Invalid):
        explain_stop(actor=owner.actor, reason="  ")


def test_resume_needs_a_reason_and_a_stop(db, owner):
    with pytest.raises(Conflict):
        resume_signups(actor=owner.actor, reason="why not")
    stop_signups(actor=owner.actor)
    with pytest.raises(Invalid):
        resume_signups(actor=owner.actor, reason="")
    assert Program.objects.get().stopped_at is not None
    program = resume_signups(actor=owner.actor, reason="fixed")
    assert (program.stopped_at, program.stop_version, program.stopped_by, program.stop_reason) == (None, None, "", "")
    assert actions() == ["STOP_SIGNUPS", "RESUME_SIGNUPS"]
    assert make_household().seat == 1


@override_settings(BETA_SIGNUPS_PAUSED=True, OPS_INSTANCE="web-1")
def test_resume_does_not_outrank_this_servers_environment(db, owner):
    sync_environment_stop(actor=ANA)
    with pytest.raises(Conflict):
        resume_signups(actor=owner.actor, reason="fixed")
    assert Program.objects.get().env_stops == ["web-1"]


def test_a_host_writes_and_takes_away_only_its_own_name(db):
    with override_settings(BETA_SIGNUPS_PAUSED=True, OPS_INSTANCE="web-1"):
        assert sync_environment_stop(actor=ANA) is True
        assert sync_environment_stop(actor=ANA) is False
    with override_settings(BETA_SIGNUPS_PAUSED=True, OPS_INSTANCE="web-2"):
        sync_environment_stop(actor=ANA)
    with override_settings(BETA_SIGNUPS_PAUSED=False, OPS_INSTANCE="web-1"):
        assert sync_environment_stop(actor=ANA) is True
    program = Program.objects.get()
    assert (program.env_stops, program.env_stopped_at is not None, program.is_stopped) == (["web-2"], True, True)
    with override_settings(BETA_SIGNUPS_PAUSED=False, OPS_INSTANCE="web-2"):
        sync_environment_stop(actor=ANA)
    program.refresh_from_db()
    assert (program.env_stops, program.env_stopped_at, program.is_stopped) == ([], None, False)
    assert actions() == ["HOLD_BY_ENVIRONMENT", "HOLD_BY_ENVIRONMENT", "RELEASE_BY_ENVIRONMENT", "RELEASE_BY_ENVIRONMENT"]


def test_resume_clears_the_name_of_a_host_that_is_gone(db, owner):
    with override_settings(BETA_SIGNUPS_PAUSED=True, OPS_INSTANCE="gone"):
        sync_environment_stop(actor=ANA)
    program = resume_signups(actor=owner.actor, reason="that host was taken down")
    assert (program.env_stops, program.is_stopped) == ([], False)


def test_stop_ends_a_client_that_sits_on_the_gate(connect, owner):
    holder = connect(application_name="a shop")
    holder.execute("INSERT INTO households (household_key, email) VALUES ('a', 'a@x.io')")
    program = stop_signups(actor=owner.actor)
    with pytest.raises(psycopg.OperationalError):
        holder.commit()
    assert [backend["application"] for backend in program.ended_backends] == ["a shop"]
    assert Household.objects.count() == 0
    written = AuditLog.objects.get(action_type="STOP_SIGNUPS").changes["ended_backends"][1][0]
    assert (written["application"], written["last_statement"]) == ("a shop", "INSERT INTO households")


def test_stop_leaves_a_client_alone_that_does_not_hold_the_gate(connect, owner):
    make_household(household_key="a")
    bystander = connect()
    bystander.execute("UPDATE households SET name = 'x' WHERE household_key = 'a'")
    program = stop_signups(actor=owner.actor)
    bystander.commit()
    assert program.ended_backends == []
    assert Household.objects.get().name == "x"


def test_stop_ends_one_holder_after_the_other(connect, owner):
    """Each claim that gets the gate after the last holder is gone sits on it in its turn."""
    clients = [connect(application_name=f"shop {number}") for number in range(4)]

    def sit(client, number):
        try:
            client.execute("INSERT INTO households (household_key, email) VALUES (%s, 'a@x.io')", [f"k{number}"])
        except Exception:
            return

    threads = [threading.Thread(target=sit, args=pair) for pair in zip(clients, range(4), strict=True)]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    program = stop_signups(actor=owner.actor)
    for thread in threads:
        thread.join(5)
    assert sorted(backend["application"] for backend in program.ended_backends) == ["shop 0", "shop 1", "shop 2", "shop 3"]
    assert Household.objects.count() == 0


@pytest.fixture
def limited(connect, monkeypatch):
    """STOP works as a database user that is no superuser; its parameters."""
    sql, own = connect(autocommit=True), blockers._parameters() | {"user": "beta_test_portal"}
    sql.execute(f"CREATE ROLE beta_test_portal LOGIN PASSWORD '{own.get('password', '')}'")
    sql.execute("GRANT SELECT, UPDATE ON beta_programs TO beta_test_portal")
    monkeypatch.setattr(blockers, "_parameters", lambda: own)
    yield own
    sql.execute("DROP OWNED BY beta_test_portal")
    sql.execute("DROP ROLE beta_test_portal")


def test_stop_ends_those_it_may_beside_one_it_may_not(connect, other_connections, limited, owner):
    stranger, own = connect(application_name="stranger"), psycopg.connect(**limited, application_name="own")
    other_connections.append(own)
    for client in (stranger, own):
        client.execute("SELECT FROM beta_programs FOR SHARE")
    later = threading.Timer(2.5, stranger.rollback)
    later.start()
    program = stop_signups(actor=owner.actor)
    later.join()
    assert [backend["application"] for backend in program.ended_backends] == ["own"]


def test_stop_ends_the_holder_as_soon_as_a_connection_is_free(connect, owner, monkeypatch):
    """Its own second connection may be refused at first: every one that the server allows is in use."""
    holder, asked, known = connect(application_name="a shop"), [], blockers._parameters()
    holder.execute("INSERT INTO households (household_key, email) VALUES ('a', 'a@x.io')")
    real = psycopg.connect

    def full_at_first(**parameters):
        asked.append(parameters)
        if len(asked) < 3:
            raise psycopg.OperationalError("FATAL: sorry, too many clients already")
        return real(**parameters)

    monkeypatch.setattr(blockers.psycopg, "connect", full_at_first)
    program = stop_signups(actor=owner.actor)
    assert [backend["application"] for backend in program.ended_backends] == ["a shop"]
    assert (len(asked), asked[0]["dbname"]) == (3, known["dbname"])
