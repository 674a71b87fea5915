"""BETA_SIGNUPS_PAUSED as the product reads it."""

import pytest
from django.db import connection

from audit.actors import Actor
from beta.actions import resume_signups, stop_signups
from beta.models import Program
from beta.reading import signups_paused
from tests.factories import make_household

ANA = Actor.system("Ana")


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_version_never_goes_back_through_stops_and_resumes_by_hand():
    found = []

    def read():
        fact = signups_paused()
        found.append((fact.value, fact.version))

    read()
    stop_signups(actor=ANA, reason="105 households")
    read()
    resume_signups(actor=ANA, reason="fixed")
    read()
    sql("UPDATE beta_programs SET stopped_at = now()")
    read()
    sql("UPDATE beta_programs SET stopped_at = NULL")
    read()
    assert found == [(False, 0), (True, 1), (False, 2), (True, 3), (False, 4)]


@pytest.mark.django_db
def test_version_stands_still_while_only_seats_move():
    stop_signups(actor=ANA)
    resume_signups(actor=ANA, reason="fixed")
    make_household()
    assert (signups_paused().version, Program.objects.get().version) == (2, 3)


@pytest.mark.django_db
def test_a_stop_of_this_server_alone_takes_no_version_that_is_taken_back(settings):
    make_household()
    settings.BETA_SIGNUPS_PAUSED = True
    held = signups_paused()
    settings.BETA_SIGNUPS_PAUSED = False
    assert (held.value, held.version, signups_paused().version) == (True, 0, 0)


@pytest.mark.django_db
def test_opened_by_hand_nobody_can_say_since_when():
    stop_signups(actor=ANA)
    resume_signups(actor=ANA, reason="fixed")
    opened = signups_paused()
    assert (opened.by, opened.reason, opened.since is None) == ("Ana", "fixed", False)
    sql("UPDATE beta_programs SET stopped_at = now()")
    sql("UPDATE beta_programs SET stopped_at = NULL")
    opened = signups_paused()
    assert (opened.by, opened.reason, opened.since) == ("", "", None)
