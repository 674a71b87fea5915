"""What changes while the sweep looks stays to be looked at; and nobody waits for anybody. With real connections."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from billing.models import Checkout, Finding
from billing.sweeping.mismatches import Looked, look_at_changed, look_at_everything
from tests.billing.factories import make_checkout, make_grant, make_payment


def unchecked() -> list[int]:
    return [one.pk for one in Checkout.objects.order_by("pk") if one.change_seq != one.checked_seq]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("look", [look_at_changed, look_at_everything])
def test_change_between_looking_and_writing_stays_to_be_looked_at(connect: Any, look: Callable[[], Looked]) -> None:
    still, moving = make_checkout(state="paid"), make_checkout(state="paid")
    for checkout in (still, moving):
        make_grant(make_payment(checkout))
    other = connect(autocommit=True)
    moved: list[Any] = []

    def between(execute: Any, sql: str, *rest: Any) -> Any:
        if "INSERT INTO billing_findings" in sql and not moved:
            moved.append(other.execute("UPDATE plan_grants SET ended_at = now(), ended_because = 'refunded' WHERE checkout_id = %s", [moving.pk]))
        return execute(sql, *rest)

    with connection.execute_wrapper(between):
        assert look().opened == 0
    assert (len(moved), unchecked()) == (1, [moving.pk])
    assert look_at_changed() == Looked(opened=1, marked=1)
    assert (Finding.objects.get().checkout_id, unchecked()) == (moving.pk, [])


@pytest.mark.django_db(transaction=True)
def test_checkout_that_somebody_holds_is_left_for_the_next_time(connect: Any) -> None:
    free, held = make_checkout(), make_checkout()
    other = connect()
    other.execute("UPDATE checkout_sessions SET state = 'failed' WHERE id = %s", [held.pk])
    connection.ensure_connection()
    with connection.cursor() as cursor:
        # Waiting would be an error, not a pause.
        cursor.execute("SET lock_timeout = '5s'")
    assert look_at_changed() == Looked(marked=1)
    other.commit()
    assert unchecked() == [held.pk]
    assert look_at_changed() == Looked(marked=1)
    assert Checkout.objects.get(pk=free.pk).checked_seq == 1
