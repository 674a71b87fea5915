from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from beta.models import Household, Invite, Program
from beta.queries import active_households, day_of, refusals_by_reason
from health.models import Ping
from jobs.engine.tick import tick
from jobs.models import Run, Slot
from jobs.queries import desk
from opsportal import clock


def signups(*arguments):
    call_command("sandbox_signups", "--key", "ops_x_y", *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--url", "http://127.0.0.1:1", "--attempts", "1"], "127.0.0.1"),
        (["--url", "ftp://x", "--attempts", "1"], "ftp://x"),
        (["--url", "http://127.0.0.1:1", "--clients", "0"], "--clients"),
        (["--url", "http://127.0.0.1:1", "--attempts", "0"], "--attempts"),
        (["--url", "http://127.0.0.1:1", "--seconds", "-1"], "--seconds"),
        (["--url", "http://127.0.0.1:1", "--invites-file", "/nowhere"], "--invites-file"),
    ],
)
def test_signups_with_bad_input_end_with_one_line(in_a_thread, arguments, words):
    with pytest.raises(CommandError, match=words) as error:
        in_a_thread(signups, *arguments)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "command", [["sandbox_signups", "--key", "k"], ["sample_data", "--password-file", "/dev/null"], ["sandbox_providers"], ["sandbox_month"]]
)
def test_production_is_refused(settings, command):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command(*command)


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password"
    path.write_text("correct horse battery staple\n")
    return str(path)


def test_sample_data_is_alive_and_made_once(db, password_file, capsys):
    for _round in range(2):
        call_command("sample_data", password_file=password_file)
        assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
            f"{name}@smartbuy.example" for name in ("ana", "diego", "bruno", "carla", "vera")
        ]
    program = Program.objects.get()
    assert (program.seats_taken, active_households(), program.cap, day_of(program)) == (57, 57, 100, 5)
    assert sum(Invite.objects.values_list("uses", flat=True)) == 57
    assert refusals_by_reason(clock.now() - timedelta(days=5)).total == 31
    assert AuditLog.objects.filter(action_type="CREATE_PERSON").count() == 5
    assert Household.objects.filter(seated_at__isnull=True).count() == 0


def test_sample_jobs_live_and_leave_the_real_tick_alone(db, password_file):
    call_command("sample_data", password_file=password_file)
    views = {view.job.name: view for view in desk().jobs}
    assert {name: view.last.state for name, view in views.items()} == dict.fromkeys(views, "succeeded") | {"alert-evaluator": "failed"}
    assert (views["alert-evaluator"].state, views["alert-evaluator"].standing.failures) == ("failing", 2)
    assert {name: view.items.given_up for name, view in views.items() if view.items.given_up} == {"price-tracker": 1}
    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded", "failed", "interrupted"}
    assert Slot.objects.exclude(reason="").count() == len(views)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        tick()
    # Whether another is due in these two minutes depends on the time of day.
    quick = {name for name, view in views.items() if view.job.schedule.interval < timedelta(minutes=2)}
    assert set(Run.objects.filter(state="queued", job__in=quick).values_list("job", flat=True)) == quick


def test_sample_pings_stand_as_they_should(db, password_file):
    call_command("sample_data", password_file=password_file)
    assert list(Ping.objects.order_by("name").values_list("name", "verdict")) == [("Newsletter", "down"), ("Nightly dump", "up"), ("Sitemap", "new")]


def test_sample_data_without_a_password_says_so(db, tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(CommandError, match="empty"):
        call_command("sample_data", password_file=str(empty))
    with pytest.raises(CommandError, match="No such file"):
        call_command("sample_data", password_file=str(tmp_path / "missing"))
