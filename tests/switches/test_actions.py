import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from audit.actors import Actor
from audit.models import AuditLog
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from switches import actions
from switches.models import Counter, Read, Switch
from switches.queries import due, states

ANA = Actor.system("Ana")
NAME = "ENABLE_PRICE_TRACKER"


def off(name=NAME, **values):
    return actions.turn_off(actor=ANA, name=name, reason="shops block us", **values)


def version():
    return Counter.objects.get().version


def make_due(name=NAME):
    off(name, until=clock.now() + timedelta(minutes=1))
    Switch.objects.filter(pk=name).update(off_until=clock.now() - timedelta(hours=1))


def rows(*kinds):
    return list(AuditLog.objects.filter(action_type__in=kinds).values_list("entity_id", flat=True))


def test_registered_switches_are_there_and_on(db):
    wanted = ["ENABLE_JOBS", NAME, "ENABLE_ALERT_EVALUATOR", "ENABLE_ANTI_CILADA"]
    found = Switch.objects.filter(pk__in=wanted).order_by("position").values_list("name", "is_on", "is_registered")
    assert list(found) == [(name, True, True) for name in wanted]


def test_registered_switches_are_there_after_a_flush_too(transactional_db):
    assert Switch.objects.filter(pk="ENABLE_JOBS").exists() is True


def test_turn_off_moves_the_counter_and_the_version(db):
    before = version()
    switch = off()
    state = states([NAME, "ENABLE_NOTHING"])
    assert (switch.version, version(), list(state)) == (before + 1, before + 1, [NAME])
    assert (state[NAME].is_on, state[NAME].is_on_here, state[NAME].forced_by_env) == (False, False, False)
    assert (state[NAME].by, state[NAME].reason, state[NAME].version, state[NAME].since) == ("Ana", "shops block us", before + 1, switch.since)
    row = AuditLog.objects.latest("id")
    assert (row.action_type, row.entity_type, row.entity_id, row.reason) == ("TURN_SWITCH_OFF", "switch", NAME, "shops block us")
    assert row.changes["is_on"] == [True, False]
    assert row.changes["version"][1] == before + 1


def test_states_are_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(states([NAME, "ENABLE_JOBS"])) == 2


def test_turn_off_again_is_a_conflict_unless_the_end_changes(db):
    first = off()
    with pytest.raises(Conflict):
        off()
    longer = off(until=clock.now() + timedelta(hours=1))
    assert (longer.version > first.version, longer.since == first.since, longer.off_until is not None) == (True, True, True)
    assert rows("CHANGE_SWITCH_END") == [NAME]
    with pytest.raises(Conflict):
        off(until=longer.off_until)
    assert off().off_until is None


def test_turn_on_is_a_conflict_when_on(db):
    with pytest.raises(Conflict):
        actions.turn_on(actor=ANA, name=NAME, reason="x")
    off(until=clock.now() + timedelta(hours=1))
    switch = actions.turn_on(actor=ANA, name=NAME, reason="fixed")
    assert (switch.is_on, switch.off_until, switch.reason) == (True, None, "fixed")


@pytest.mark.parametrize("action", [actions.turn_off, actions.turn_on, actions.remove_switch])
def test_a_reason_is_required(db, action):
    for reason in ("", "  ", "\x00"):
        with pytest.raises(Invalid) as error:
            action(actor=ANA, name=NAME, reason=reason)
        assert error.value.field == "reason"


@pytest.mark.parametrize("name", ["ENABLE_NOTHING", "", "a\x00b", "BETA_SIGNUPS_PAUSED", "x" * 5000])
def test_unknown_names_are_not_found(db, name):
    for action in (actions.turn_off, actions.turn_on, actions.remove_switch):
        with pytest.raises(NotFound):
            action(actor=ANA, name=name, reason="x")


@pytest.mark.parametrize("ahead", [timedelta(seconds=-1), timedelta(days=400)])
def test_until_is_soon_and_not_over(db, ahead):
    with pytest.raises(Invalid) as error:
        off(until=clock.now() + ahead)
    assert (error.value.field, Switch.objects.get(pk=NAME).is_on) == ("until", True)


def test_the_environment_forces_off_and_never_on(db, monkeypatch):
    monkeypatch.setenv(NAME, "FALSE ")
    monkeypatch.setenv("ENABLE_JOBS", "true")
    off("ENABLE_JOBS")
    found = states([NAME, "ENABLE_JOBS"])
    assert [(each.is_on, each.is_on_here, each.forced_by_env) for each in (found[NAME], found["ENABLE_JOBS"])] == [
        (False, True, True),
        (False, False, False),
    ]


def test_master_off_changes_no_other_value(db):
    off("ENABLE_JOBS")
    assert states([NAME])[NAME].is_on is True


def test_what_is_due_turns_on_as_the_actor_says_and_once(db):
    make_due()
    assert (due(), states([NAME])[NAME].is_on) == ([NAME], False)
    assert actions.turn_on_due(actor=Actor.system("switches")) == [NAME]
    assert actions.turn_on_due(actor=Actor.system("switches")) == []
    row = AuditLog.objects.get(action_type="SWITCH_ON_AGAIN")
    assert (row.actor_kind, row.reason, row.changes["is_on"]) == ("system", "The time set was over. Off because: shops block us", [False, True])


def test_what_is_not_due_stays_off(db):
    off(until=clock.now() + timedelta(minutes=1))
    off("ENABLE_JOBS")
    assert (actions.turn_on_due(actor=ANA), states([NAME])[NAME].is_on) == ([], False)


def test_added_switch_is_on_with_a_new_version(db):
    before = version()
    switch = actions.add_switch(actor=ANA, name="ENABLE_PUSH", description=" Push. ", owner="Mobile")
    assert (switch.is_on, switch.is_registered, switch.version, switch.description) == (True, False, before + 1, "Push.")


@pytest.mark.parametrize("name", [NAME, "BETA_SIGNUPS_PAUSED"])
def test_a_name_is_taken_once(db, name):
    with pytest.raises(Conflict):
        actions.add_switch(actor=ANA, name=name, description="x")


@pytest.mark.parametrize("name", ["enable_x", "1ABC", "AB", "A-B-C", "A B", "", "É_É", "A" * 61, "A\nBC"])
def test_a_name_is_like_a_variables(db, name):
    with pytest.raises(Invalid) as error:
        actions.add_switch(actor=ANA, name=name, description="x")
    assert error.value.field == "name"


def test_a_name_that_the_environment_uses_for_something_else_is_refused(db, monkeypatch):
    monkeypatch.setenv("SOME_PATH", "/usr/bin")
    with pytest.raises(Invalid) as error:
        actions.add_switch(actor=ANA, name="SOME_PATH", description="x")
    assert error.value.field == "name"


def test_describing_leaves_the_version_alone(db):
    before = Switch.objects.get(pk=NAME).version
    switch = actions.describe_switch(actor=ANA, name=NAME, description="Prices.", owner="Ops")
    assert (switch.version, version() >= before, Switch.objects.get(pk=NAME).version) == (before, True, before)
    with pytest.raises(Conflict):
        actions.describe_switch(actor=ANA, name=NAME, description="Prices.", owner="Ops")


def test_removing_takes_only_added_ones_that_are_on(db):
    actions.add_switch(actor=ANA, name="ENABLE_PUSH", description="x")
    Read.objects.create(switch="ENABLE_PUSH", client_id=1, client_label="p", read_at=clock.now(), version=1)
    with pytest.raises(Conflict):
        actions.remove_switch(actor=ANA, name=NAME, reason="x")
    off("ENABLE_PUSH")
    with pytest.raises(Conflict):
        actions.remove_switch(actor=ANA, name="ENABLE_PUSH", reason="x")
    actions.turn_on(actor=ANA, name="ENABLE_PUSH", reason="x")
    before = version()
    actions.remove_switch(actor=ANA, name="ENABLE_PUSH", reason="unused")
    assert (Switch.objects.filter(pk="ENABLE_PUSH").count(), Read.objects.count(), version()) == (0, 0, before + 1)


def test_plain_sql_moves_the_version_and_is_nobodys_act(db):
    first = off()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE switches_switch SET is_on = true, version = 1, since = 'epoch' WHERE name = %s", [NAME])
    switch = Switch.objects.get(pk=NAME)
    assert (switch.version, version(), switch.since > first.since, switch.reason) == (first.version + 1, first.version + 1, True, "")
    assert switch.changed_by.endswith(" (SQL)")


# --- races, with connections of their own


def at_once(*calls):
    """What each call returned or raised; all of them begin together, each on a connection of its own."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        gate.wait(60)
        try:
            answers[place] = call()
        except Exception as error:
            answers[place] = type(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_of_many_who_turn_off_at_once_one_does(transactional_db):
    answers = at_once(*[off] * 6)
    assert (answers.count(Conflict), rows("TURN_SWITCH_OFF")) == (5, [NAME])


def test_of_many_who_turn_on_what_is_due_one_does(transactional_db):
    for name in (NAME, "ENABLE_JOBS"):
        make_due(name)
    answers = at_once(*[lambda: actions.turn_on_due(actor=Actor.system("switches"))] * 6)
    assert sorted(name for done in answers for name in done) == ["ENABLE_JOBS", NAME]
    assert sorted(rows("SWITCH_ON_AGAIN")) == ["ENABLE_JOBS", NAME]


def test_turning_off_for_longer_wins_or_loses_against_the_end_but_never_both(transactional_db):
    make_due()
    later = clock.now() + timedelta(hours=1)
    at_once(lambda: actions.turn_on_due(actor=Actor.system("switches")), lambda: off(until=later))
    kinds = sorted(AuditLog.objects.filter(action_type__in=["SWITCH_ON_AGAIN", "CHANGE_SWITCH_END"]).values_list("action_type", flat=True))
    switch = Switch.objects.get(pk=NAME)
    assert (switch.is_on, switch.off_until) == (False, later)
    assert kinds in (["CHANGE_SWITCH_END"], ["SWITCH_ON_AGAIN"])


def test_versions_are_given_in_the_order_of_the_commits(transactional_db, connect):
    """A change under way holds the counter: a later one waits for it and gets the higher version."""
    sql = connect()
    sql.execute("UPDATE switches_switch SET is_on = false WHERE name = 'ENABLE_JOBS'")
    done = threading.Event()

    def other():
        try:
            with transaction.atomic():
                off()
        finally:
            connection.close()
            done.set()

    thread = threading.Thread(target=other)
    thread.start()
    try:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        deadline = clock.now() + timedelta(seconds=60)
        with connect(autocommit=True) as watcher:
            while not watcher.execute(waits).fetchone()[0] and not done.is_set() and clock.now() < deadline:
                pass
        assert done.is_set() is False
    finally:
        sql.commit()
        thread.join(60)
    first, second = (Switch.objects.get(pk=name).version for name in ("ENABLE_JOBS", NAME))
    assert second == first + 1
