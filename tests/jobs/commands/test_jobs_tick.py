import json
from datetime import timedelta

from django.core.management import call_command

from jobs.models import Run, Slot
from opsportal import clock


def test_one_tick_makes_the_slots_that_are_due(trial, capsys, time_machine):
    time_machine.move_to(clock.now() + timedelta(hours=1), tick=False)
    call_command("jobs_tick", "--json")
    told = json.loads(capsys.readouterr().out)
    slots, runs = Slot.objects.count(), Run.objects.count()
    assert (told["slots"], told["runs"], told["not_run"], told["lost"]) == (slots, runs, slots - runs, 0)
    assert Slot.objects.filter(job="trial", run__isnull=False).count() == 1
    call_command("jobs_tick")
    assert capsys.readouterr().out == "Slots made: 0, runs queued: 0, slots that do not run: 0, runs found lost: 0, messages sent: 0\n"
