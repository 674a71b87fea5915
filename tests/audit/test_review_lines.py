from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from audit import acts
from audit.actors import Actor, ActorKind
from audit.models import AuditLog
from opsportal import clock
from tests.answers import check_answer, read, said_in, stand
from tests.signing_in import sign_in

CLIENT = Actor(ActorKind.CLIENT, "7", "SmartBuy backend")
ZONE = timezone.get_default_timezone()


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


def make_row(action="TURN_SWITCH_OFF", actor=None, **fields):
    """The log takes no time but its own: now."""
    actor = actor or Actor(ActorKind.PERSON, "1", "Ana Souza (CTO)")
    known = {"entity_type": "switch", "entity_id": "ENABLE_JOBS", "entity_label": "ENABLE_JOBS"} | fields
    made = AuditLog.objects.create(actor_kind=actor.kind, actor_id=actor.id, actor_label=actor.label, action_type=action, **known)
    made.refresh_from_db()
    return made


def test_sensitive_acts_are_read_one_by_one(signed_in):
    row = make_row()
    other = make_row("CHANGE_CAP", actor=CLIENT, entity_type="program", entity_id="1", entity_label="")
    answer = read("sensitive-acts")
    check_answer(answer, signed_in)
    assert stand("sensitive-acts") == ("ok", 2)
    assert [text.partition(": ")[2] or text for text in said_in(answer, "en")] == [
        "2", "API clients 1, People 1.", "API clients", "People", "SmartBuy backend changed the cap: 1", "Ana Souza (CTO) turned a switch off: ENABLE_JOBS",
    ]  # fmt: skip
    assert [link.url for link in answer.evidence[2:]] == [f"/ops/audit/{other.pk}/", f"/ops/audit/{row.pk}/"]


def test_what_is_routine_or_done_by_the_portal_itself_is_left_out(db):
    make_row("SIGN_IN")
    make_row("CLAIM_SEAT", actor=CLIENT)
    make_row(actor=Actor.system("jobs"))
    make_row("SIGN_IN_FAILED", actor=Actor.anonymous("x"))
    assert stand("sensitive-acts") == ("ok", 0)


@pytest.mark.parametrize(("days", "sensitive", "today"), [(0, 1, 1), (1, 1, 0), (2, 0, 0)])
def test_days_begin_at_midnight_of_the_teams_zone(db, days, sensitive, today):
    day = make_row().created_at.astimezone(ZONE).date() + timedelta(days=days)
    with time_machine.travel(datetime.combine(day, time(23, 59, 59), ZONE)):
        answers = [read("sensitive-acts"), read("changes-today")]
        assert [answer.figure.value for answer in answers] == [sensitive, today]


def test_evidence_is_the_log_since_yesterdays_midnight(db):
    make_row()
    day = clock.today() - timedelta(days=1)
    assert read("sensitive-acts").evidence[0].url == f"/ops/audit/?actor=person&since={day:%Y-%m-%d}T00%3A00%3A00"


def test_changes_of_today_stand_by_what_they_changed(signed_in):
    make_row()
    make_row()
    make_row("CHANGE_ROLE", entity_type="person", entity_id="9", entity_label="Carla")
    answer = read("changes-today")
    check_answer(answer, signed_in)
    assert stand("changes-today") == ("ok", 3)
    assert said_in(answer, "en")[1:4] == ["By what it was about: switch 2, person 1.", "switch", "person"]


@pytest.mark.parametrize("key", ["sensitive-acts", "changes-today"])
def test_quiet_day_says_so(signed_in, key):
    check_answer(read(key), signed_in)
    assert stand(key) == ("ok", 0)


def test_more_than_is_looked_at_is_said_and_the_newest_are_shown(db, monkeypatch):
    monkeypatch.setattr(acts, "LOOKED_THROUGH", 3)
    monkeypatch.setattr(acts, "SHOWN", 2)
    rows = [make_row() for _number in range(4)]
    answer = read("sensitive-acts")
    assert (answer.figure.value, [link.url for link in answer.evidence[1:]]) == (3, [f"/ops/audit/{row.pk}/" for row in reversed(rows[2:])])
    assert said_in(answer, "en")[1] == "People 3. There are more than were counted."


def test_no_more_rows_are_read_than_are_looked_through(db):
    make_row()
    with connection.cursor() as cursor:
        values = {"since": clock.now() - timedelta(days=2), "most": 2000, "shown": 20, "routine": ["SIGN_IN"]}
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {acts._ACTS}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert (plan.count("audit_by_actor_kind"), plan.count("Seq Scan")) == (3, 0)


@pytest.mark.parametrize("key", ["sensitive-acts", "changes-today"])
@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_does_not_grow(db, django_assert_num_queries, key, rows):
    for _number in range(rows):
        make_row()
    with django_assert_num_queries(1):
        read(key)
