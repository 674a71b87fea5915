"""The job, the tracker and people at the same offers: nobody waits in a circle, and what stands at the end is right."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from audit.actors import Actor
from catalog.actions import check_risk, override_offer
from catalog.actions.risk import recalculate
from catalog.models import Offer
from catalog.risk.writing import calculate
from catalog.tracking.writing import Finding, write_findings
from tests.catalog.actions.test_risk import make_steady
from tests.factories import make_product

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


def at_once(*parts: Callable[[int], Any]) -> list[BaseException]:
    """Each part on a connection and in a thread of its own, ROUNDS times. What any of them raised."""
    start, raised = threading.Barrier(len(parts)), []

    def run(part: Callable[[int], Any]) -> None:
        try:
            start.wait(60)
            for number in range(ROUNDS):
                part(number)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[part], daemon=True) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [thread.is_alive() for thread in threads] == [False] * len(threads)
    return raised


def stored() -> list[tuple[Any, ...]]:
    return list(Offer.objects.order_by("pk").values_list("pk", "risk_score", "bucket", "risk_reasons", "median_30", "median_90"))


def test_job_tracker_and_people_at_the_same_offers_never_wait_in_a_circle() -> None:
    """Offers of one product: whoever changes one changes what the others are compared with."""
    product = make_product()
    offers = [make_steady(10_000 + place, product=product).pk for place in range(6)]

    @transaction.atomic
    def job(number: int) -> None:
        calculate(offers)

    @transaction.atomic
    def tracker(number: int) -> None:
        written = write_findings(
            [Finding(offer, price=9_000 + 10 * number + offer % 7, currency="BRL", availability="in_stock") for offer in offers[::-1]]
        )
        recalculate([one.offer_id for one in written])

    def last_person(number: int) -> None:
        override_offer(actor=Actor.system("Bia"), offer_id=offers[-1], field="price", value=30_000 + number, reason="seen")

    def first_person(number: int) -> None:
        override_offer(actor=Actor.system("Leo"), offer_id=offers[0], field="price", value=3_000 + number, reason="seen")

    def support(number: int) -> None:
        check_risk(actor=Actor.system("Carla"), offer_id=offers[number % len(offers)])

    assert at_once(job, tracker, last_person, first_person, support) == []
    # The last to commit had the others follow: nobody was judged by a price that is not shown any more.
    found = stored()
    with transaction.atomic():
        calculate(offers)
    assert stored() == found


def test_calculation_that_waited_reads_what_was_committed_meanwhile(connect: Any) -> None:
    offer = make_steady()
    sql = connect()
    sql.execute("UPDATE offers SET error_code = 'currency' WHERE id = %s", [offer.pk])

    def wait() -> None:
        recalculate([offer.pk])
        connection.close()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    with connect(autocommit=True) as watch:
        for _try in range(600):
            if watch.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()").fetchone()[0]:
                break
            waiting.join(0.1)
        else:
            pytest.fail("the calculation never waited for the other client's lock")
    sql.execute(
        "INSERT INTO offer_overrides (offer_id, field, amount, tracked_amount, reason, created_by) VALUES (%s, 'price', 10000, 10000, 'x', 'y')",
        [offer.pk],
    )
    sql.commit()
    waiting.join(60)
    offer.refresh_from_db()
    assert [reason["code"] for reason in offer.risk_reasons] == ["currency_changed", "single_source", "overridden"]
