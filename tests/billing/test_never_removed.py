"""The evidence of payments stays, for every client of the database; and what changes is looked at again."""

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from billing.models import Checkout
from tests.billing.factories import make_checkout, make_event, make_grant, make_payment

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("table", ["checkout_sessions", "payments", "webhook_events"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "DELETE FROM {} WHERE false", "TRUNCATE {} CASCADE"])
def test_evidence_cannot_be_removed(table: str, statement: str) -> None:
    make_event(checkout=make_payment(make_checkout()).checkout)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises((ProgrammingError, InternalError), match="kept for good"), transaction.atomic():
            cursor.execute(statement.format(table))
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (1,)


def changes(checkout: Checkout) -> int:
    return Checkout.objects.values_list("change_seq", flat=True).get(pk=checkout.pk)


def test_change_seq_rises_with_what_the_sides_are_compared_by() -> None:
    checkout = make_checkout()
    seen = [changes(checkout)]
    Checkout.objects.filter(pk=checkout.pk).update(state="pending")
    seen.append(changes(checkout))
    payment = make_payment(checkout)
    seen.append(changes(checkout))
    grant = make_grant(payment)
    seen.append(changes(checkout))
    grant.delete()
    seen.append(changes(checkout))
    make_event(checkout=checkout)
    seen.append(changes(checkout))
    assert seen == [1, 2, 3, 4, 5, 6]


def test_change_seq_stays_when_the_sweep_only_looked() -> None:
    checkout = make_checkout()
    Checkout.objects.filter(pk=checkout.pk).update(checked_seq=1, asked_times=1, ask_at=None)
    assert changes(checkout) == 1


def test_change_seq_is_not_put_back_by_a_stale_copy() -> None:
    stale = make_checkout()
    make_payment(Checkout.objects.get(pk=stale.pk))
    stale.save()
    assert changes(stale) == 2


def test_payment_that_moves_to_another_checkout_changes_both() -> None:
    before, after = make_checkout(), make_checkout()
    payment = make_payment(before)
    payment.checkout = after
    payment.save()
    assert (changes(before), changes(after)) == (3, 2)
