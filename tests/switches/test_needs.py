from audit.actors import Actor
from jobs.engine.ending import ACTOR
from opsportal.needs import STANDSTILL, UNTIDY
from switches import actions, needs
from tests import asking

ANA = Actor.system("Ana")


def off(*names, actor=ANA):
    for name in names:
        actions.turn_off(actor=actor, name=name, reason="quiet")


def test_switches_that_are_on_need_nobody(owner):
    assert asking.needs(needs.found, owner) == []


def test_the_master_stands_apart_from_the_others(owner):
    off("ENABLE_JOBS", "ENABLE_PRICE_TRACKER", "ENABLE_ANTI_CILADA")
    found = list(needs.found(asking.request_of(owner)))
    assert [(need.harm, str(need.state), need.title, need.detail) for need in found] == [
        (STANDSTILL, "fail", "The master switch is off: no job runs", "Ana: quiet"),
        (UNTIDY, "warn", "2 switches are off", "ENABLE_PRICE_TRACKER, ENABLE_ANTI_CILADA. On purpose still?"),
    ]
    assert asking.acts(needs.found, owner)[0] == ("Turn it on", "/ops/switches/ENABLE_JOBS/", "switches.turn_on")


def test_what_a_breaker_turned_off_is_told_of_by_its_job(owner):
    assert ACTOR.label == needs.BREAKER
    off("ENABLE_PRICE_TRACKER", actor=ACTOR)
    assert asking.needs(needs.found, owner) == []


def test_what_the_environment_holds_off_says_so(owner, monkeypatch):
    monkeypatch.setenv("ENABLE_JOBS", "0")
    assert [need.detail for need in needs.found(asking.request_of(owner))] == ["This server's environment holds it off."]
