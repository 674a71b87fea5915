from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from audit.actors import Actor
from jobs import actions, registry
from jobs.engine.execution import execute
from jobs.engine.standing import ensure_rows
from jobs.models import Run, Trigger
from tests.jobs.trial import TABLE, Trial

SYSTEM = Actor.system("tests")


@pytest.fixture
def make_trial(db: None) -> Iterator[Callable[..., Trial]]:
    made: list[Trial] = []

    def make(*args: Any, **overrides: Any) -> Trial:
        trial = Trial(*args, **{"min_interval": 0} | overrides)
        registry.register(trial)
        made.append(trial)
        ensure_rows([trial])
        return trial

    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        # What a test with real transactions left in a table that is none of the portal's.
        cursor.execute("DELETE FROM jobs_trial_effect")
    yield make
    for trial in made:
        registry.unregister(trial.name)


@pytest.fixture
def trial(make_trial: Callable[..., Trial]) -> Trial:
    """250 numbers in batches of 100, without a minimum interval."""
    return make_trial()


def run_now(job: Trial) -> Run:
    """A run asked for and carried out in this process."""
    run = actions.request_run(actor=SYSTEM, job=job.name, trigger=Trigger.COMMAND)
    execute(run.pk)
    return Run.objects.get(pk=run.pk)


def effects() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM jobs_trial_effect ORDER BY id")
        return [row[0] for row in cursor.fetchall()]
