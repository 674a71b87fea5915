import json

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from beta.models import Invite, Program
from tests.factories import make_household, make_invite


def run(name, *arguments, capsys=None, **options):
    call_command(name, *arguments, **options)
    return capsys.readouterr().out if capsys else ""


def test_stop_and_resume_are_the_same_acts_as_the_buttons(db, capsys):
    assert "Signups are STOPPED since" in run("stop_signups", "--reason", "leak", capsys=capsys)
    row = AuditLog.objects.get()
    assert (row.action_type, row.actor_kind, row.reason) == ("STOP_SIGNUPS", "cli", "leak")
    assert "0 of 100 seats taken" in run("resume_signups", "--reason", "fixed", capsys=capsys)
    with pytest.raises(CommandError, match="open already"):
        call_command("resume_signups", "--reason", "again")
    with pytest.raises(CommandError, match="--reason"):
        call_command("resume_signups")


def test_status_says_the_same_to_people_and_programs(db, capsys):
    make_household()
    make_invite(max_uses=3)
    call_command("stop_signups")
    capsys.readouterr()
    facts = json.loads(run("beta_status", "--json", capsys=capsys))
    assert (facts["stopped"], facts["seats_taken"], facts["seated_after_stop"], facts["counter_agrees"], facts["invites"]["live"]) == (
        True,
        1,
        0,
        True,
        3,
    )
    words = run("beta_status", capsys=capsys)
    assert "STOPPED since" in words
    assert "Seats: 1 of 100" in words


def test_create_invites_prints_only_the_codes(db, capsys):
    codes = run("create_invites", "--count", "3", "--uses", "2", "--days", "5", capsys=capsys).splitlines()
    assert sorted(codes) == sorted(Invite.objects.values_list("code", flat=True))
    with pytest.raises(CommandError, match="From 1 to 1000"):
        call_command("create_invites", "--count", "0")


def test_program_is_changed_with_a_reason_only(db, capsys):
    with pytest.raises(CommandError, match="needs --reason"):
        call_command("beta_program", "--cap", "5")
    output = run("beta_program", "--cap", "5", "--invite-only", "no", "--starts-on", "2026-11-16", "--reason", "drill", capsys=capsys)
    assert "cap 5" in output
    assert "Open to anybody" in output
    program = Program.objects.get()
    assert (program.cap, program.invite_only, str(program.starts_on)) == (5, False, "2026-11-16")
    assert AuditLog.objects.count() == 2


def test_program_that_is_like_that_already_is_no_error(db, capsys):
    run("beta_program", "--cap", "100", "--invite-only", "yes", capsys=capsys)
    assert AuditLog.objects.count() == 0
    with pytest.raises(CommandError, match="yes or no"):
        call_command("beta_program", "--invite-only", "maybe")
