import json
from datetime import timedelta

from django.core.management import call_command

from opsportal import clock
from tests.factories import make_ping
from tests.health.calling import call


def said(capsys, *arguments):
    call_command("pings", *arguments)
    return capsys.readouterr().out


def test_pings_are_listed_for_people(db, capsys):
    assert said(capsys) == "There is no ping yet.\n"
    call(make_ping(name="Backup"), "fail", at=clock.now(), exit_status=3)
    first, second = said(capsys).splitlines()
    assert first == "down      Backup  (every hour)"
    assert second.strip().startswith("Down: it ended with exit status 3. Last heard of 20")


def test_pings_are_listed_for_programs_without_their_addresses(db, capsys):
    at = clock.now()
    ping = call(call(make_ping(name="Backup", slug="backup"), "start", at=at - timedelta(seconds=5)), at=at)
    text = said(capsys, "--json")
    assert str(ping.uuid) not in text
    [found] = json.loads(text)["pings"]
    assert (found["name"], found["state"], found["every_seconds"], found["grace_seconds"], found["last_duration_seconds"]) == (
        "Backup",
        "up",
        3600,
        600,
        5.0,
    )
    assert (found["schedule"], found["time_zone"], found["calls"], found["running"]) == (None, None, 2, False)
