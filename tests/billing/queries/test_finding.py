"""What is open, what is at risk, and when somebody last looked."""

from datetime import timedelta

import pytest
from django.db import connection

from billing.models import Finding
from billing.queries.finding import open_findings_summary
from billing.sweeping import CHANGED, EVERYTHING, JOB
from jobs.models import Run, RunBatch, State, Trigger
from opsportal import clock
from tests.billing.factories import make_checkout, make_finding, make_payment

pytestmark = pytest.mark.django_db


def looked(cursor: str, *, hours: float = 0, failed: int = 0, items: int = 1) -> None:
    """As the job leaves it behind."""
    run = Run.objects.create(job=JOB, state=State.SUCCEEDED, trigger=Trigger.SCHEDULE)
    RunBatch.objects.create(run=run, number=1, items=items, failed_items=failed, cursor=cursor, ended_at=clock.now() - timedelta(hours=hours))


def test_summary_of_nothing_is_unknown_until_the_sweep_has_looked() -> None:
    assert (open_findings_summary().tone, open_findings_summary().looked.at) == ("unknown", None)
    looked(CHANGED, failed=1)
    looked(CHANGED, items=0)
    looked("asking")
    assert open_findings_summary().tone == "unknown"
    looked(EVERYTHING, hours=2)
    assert (open_findings_summary().tone, open_findings_summary().looked.is_everything_stale) == ("unknown", False)
    looked(CHANGED)
    assert (open_findings_summary().tone, open_findings_summary().count) == ("ok", 0)


def test_summary_counts_by_kind_and_money_once() -> None:
    looked(CHANGED)
    checkout = make_checkout()
    payment = make_payment(checkout)
    make_finding(checkout, payment=payment, subject="payment:1", since=clock.now() - timedelta(hours=9))
    make_finding(checkout, payment=payment, kind="event_without_effect", subject="event:1")
    make_finding(kind="currency_differs", amount=500, currency="USD")
    make_finding(handled_at=clock.now())
    make_finding(closed_at=clock.now())
    summary = open_findings_summary()
    assert [(total.kind.value, total.count, total.handled, dict(total.at_risk)) for total in summary.kinds] == [
        ("currency_differs", 1, 0, {"USD": 500}),
        ("event_without_effect", 1, 0, {"BRL": 2990}),
        ("paid_without_plan", 1, 1, {"BRL": 2990}),
    ]
    assert (summary.count, summary.handled, summary.at_risk, summary.tone) == (3, 1, {"BRL": 2990, "USD": 500}, "fail")
    assert summary.oldest == Finding.objects.earliest("since").since


def test_summary_reads_an_index_of_the_open_ones() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT kind, count(*) FROM billing_findings WHERE closed_at IS NULL GROUP BY kind")
        assert "finding_open" in "".join(line for (line,) in cursor.fetchall())
