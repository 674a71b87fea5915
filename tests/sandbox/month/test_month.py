"""A short month against the portal's own code, and a check that finds what is wrong."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from billing.models import Grant, Payment
from sandbox.month.checking import check, table
from sandbox.month.running import Month

pytestmark = pytest.mark.django_db


def test_money_and_plans_agree_with_the_books_after_a_month_of_faults() -> None:
    month = Month.new(40, 7, step=timedelta(days=2))
    month.run()
    outcome = check(month.world)
    assert (outcome.differences, outcome.agrees) == ([], True)
    assert month.world.sender.lost
    assert {200, 401} <= set(month.portal.statuses)
    assert sum(books for (what, _provider, _currency), (books, _portal) in outcome.sums.items() if what == "plans") > 10

    # The same check, once the portal is wrong.
    payment = Payment.objects.filter(state="approved", grant__ended_at=None).exclude(grant=None).order_by("pk").first()
    assert payment is not None
    Payment.objects.filter(pk=payment.pk).update(amount=payment.amount + 1)
    Grant.objects.filter(payment=payment).update(ended_at=month.started_at, ended_because="hand")
    wrong = check(month.world)
    assert (len(wrong.differences), wrong.agrees, "DIFFERS" in "".join(table(wrong))) == (2, False, True)


def test_production_and_nonsense_are_refused(settings: object) -> None:
    with pytest.raises(CommandError, match="between 1 and"):
        call_command("sandbox_month", "--checkouts", "0")
