import pytest
from django.contrib.auth.models import AnonymousUser

from beta import actions, needs
from beta.models import Program
from opsportal.needs import STANDSTILL, TRUST, WAITING
from tests import asking
from tests.factories import make_household


def test_a_beta_that_runs_needs_nobody(owner):
    make_household()
    assert (asking.needs(needs.found, owner), asking.figure(needs.seats, owner)) == ([], ("1 of 100", "ok"))


def test_a_stop_without_a_reason_is_worse_than_one_with(owner):
    actions.stop_signups(actor=owner.actor)
    assert asking.needs(needs.found, owner) == [(STANDSTILL, "fail", "Signups are stopped, without a reason")]
    assert asking.acts(needs.found, owner) == [("Say why", "/ops/beta/", "beta.stop_signups")]
    actions.explain_stop(actor=owner.actor, reason="105 households")
    assert asking.needs(needs.found, owner) == [(STANDSTILL, "warn", "Signups are stopped")]
    assert asking.acts(needs.found, owner) == [("Resume signups", "/ops/beta/resume/", "beta.resume_signups")]


def test_a_stop_by_the_environment_has_no_button(owner, settings):
    settings.BETA_SIGNUPS_PAUSED = True
    assert (asking.needs(needs.found, owner), asking.acts(needs.found, owner)) == ([(STANDSTILL, "warn", "Signups are stopped")], [None])


@pytest.mark.parametrize(
    ("cap", "found", "figure"),
    [
        (1, (TRUST, "fail", "More households than the cap allows"), ("2 of 1", "fail")),
        (2, (WAITING, "warn", "The beta is full: nobody new gets a seat"), ("2 of 2", "warn")),
    ],
)
def test_a_beta_that_is_full_or_over_its_cap(owner, cap, found, figure):
    make_household()
    make_household()
    Program.objects.update(cap=cap)
    assert (asking.needs(needs.found, owner), asking.figure(needs.seats, owner)) == ([found], figure)
    assert asking.acts(needs.found, owner) == [("Change the cap", "/ops/beta/cap/", "beta.change_program")]


def test_paused_invites_wait(owner):
    actions.pause_invites(actor=owner.actor, reason="too many fixes")
    assert asking.needs(needs.found, owner) == [(WAITING, "warn", "Invites are paused")]


def test_whoever_may_not_see_the_beta_hears_nothing_of_it(owner):
    actions.stop_signups(actor=owner.actor)
    nobody = AnonymousUser()
    assert (asking.needs(needs.found, nobody), asking.figure(needs.seats, nobody)) == ([], None)
