import io

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from health.models import ProbeResult
from opsportal import clock
from tests.factories import make_probe
from tests.receiver import receiving


@pytest.fixture
def shop():
    with receiving() as one:
        yield one


def run(*arguments):
    """(exit status, what it printed)."""
    out = io.StringIO()
    try:
        call_command("probe", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def test_one_by_its_name(db, shop):
    make_probe(name="Front page", url=f"{shop.url}/")
    make_probe(name="Other")
    status, printed = run("Front page")
    assert (status, printed.startswith("ok    Front page: ")) == (0, True)
    assert list(ProbeResult.objects.values_list("asked_by", flat=True)) == [AuditLog.objects.get(action_type="RUN_PROBE").actor_label]


def test_all_that_are_not_paused(db, shop):
    shop.answers(500)
    make_probe(name="Broken", url=f"{shop.url}/")
    make_probe(name="Paused", paused_at=clock.now())
    status, printed = run("--all")
    assert (status, "it answered 500, and 200-299 was expected" in printed, "Paused" in printed) == (1, True, False)


def test_an_unknown_name(db):
    assert run("nobody") == (2, "")
