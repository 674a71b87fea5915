"""What people say over what the store says: it holds, it ends, and two at once are put in order."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Person
from audit.actors import Actor
from audit.models import AuditLog
from catalog.actions.override import expire_overrides, override_offer, revert_override
from catalog.models import Offer, Override
from catalog.queries.effective import with_shown
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound, OpsError
from tests.factories import make_offer, make_override

pytestmark = pytest.mark.django_db
BIA, LEO = Actor.system("Bia"), Actor.system("Leo")
HOUR = timedelta(hours=1)


def shown(offer: Offer) -> tuple[Any, Any, Any]:
    found = with_shown(Offer.objects.filter(pk=offer.pk)).get()
    return found.shown_price, found.shown_list_price, found.shown_availability


def override(offer: Offer, value: Any = 9_000, **fields: Any) -> Override:
    return override_offer(**{"actor": BIA, "offer_id": offer.pk, "field": "price", "value": value, "reason": "seen in the shop"} | fields)


def test_override_shows_its_value_and_leaves_the_tracked_one() -> None:
    offer = make_offer(price=10_000)
    made = override(offer, evidence_url="https://shop.example/photo", expires_at=clock.now() + HOUR)
    assert shown(offer) == (9_000, None, "in_stock")
    offer.refresh_from_db()
    assert (offer.price, offer.version, made.tracked_amount, made.created_by) == (10_000, 1, 10_000, "Bia")


@pytest.mark.parametrize(
    ("field", "value", "shows"), [("list_price", 12_000, (10_000, 12_000, "in_stock")), ("list_price", None, (10_000, None, "in_stock")), ("availability", "out_of_stock", (10_000, 15_000, "out_of_stock"))]
)  # fmt: skip
def test_override_of_each_field(field: str, value: Any, shows: Any) -> None:
    offer = make_offer(price=10_000, list_price=15_000)
    override(offer, value, field=field)
    assert shown(offer) == shows


def test_the_manuals_query_finds_what_was_shown_before_and_after(operator: Person) -> None:
    offer = make_offer(price=10_000)
    override(offer, actor=operator.actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ops_audit_logs WHERE action_type = 'UPSERT_OFFER' ORDER BY created_at DESC;")
        assert len(cursor.fetchall()) == 1
    row = AuditLog.objects.get()
    assert (row.entity_type, row.entity_id, row.reason, row.actor_label) == ("offer", str(offer.pk), "seen in the shop", "Diego Rocha (Engineer)")
    assert row.changes == {"price": ["100.00 BRL", "90.00 BRL"], "price_override": [None, "90.00 BRL"]}


def test_end_and_evidence_are_recorded_where_they_change() -> None:
    offer = make_offer()
    first = override(offer, expires_at=clock.now() + HOUR, evidence_url="https://shop.example/a")
    override(offer, 8_000, evidence_url="https://shop.example/a")
    made, changed = AuditLog.objects.order_by("id")
    assert (made.changes["evidence"], "evidence" in changed.changes) == ([None, "https://shop.example/a"], False)
    assert first.expires_at is not None
    assert (made.changes["until"][0], made.changes["until"][1][:16]) == (None, first.expires_at.isoformat()[:16])
    assert changed.changes["until"] == [made.changes["until"][1], None]


def test_updated_at_moves_only_when_what_is_shown_changes() -> None:
    long_ago = clock.now() - timedelta(days=3)
    offer, pinned = make_offer(price=10_000, updated_at=long_ago), make_offer(price=10_000, updated_at=long_ago)
    override(offer)
    override(pinned, 10_000)
    offer.refresh_from_db()
    pinned.refresh_from_db()
    assert (offer.updated_at > long_ago, pinned.updated_at) == (True, long_ago)


def test_a_second_override_replaces_the_first_and_says_from_what() -> None:
    offer = make_offer()
    first = override(offer)
    second = override(offer, 8_000, actor=LEO, seen=first.pk)
    first.refresh_from_db()
    assert (first.ended_because, first.ended_by, second.ended_at) == ("replaced", "Leo", None)
    assert shown(offer)[0] == 8_000
    assert AuditLog.objects.latest("id").changes["price"] == ["90.00 BRL", "80.00 BRL"]


def test_an_override_that_somebody_has_not_seen_is_not_replaced() -> None:
    offer = make_offer()
    first = override(offer)
    with pytest.raises(Conflict, match=r"Bia has overridden it meanwhile: 90.00 BRL, because “seen in the shop”"):
        override(offer, 8_000, seen=0)
    revert_override(actor=BIA, override_id=first.pk)
    with pytest.raises(Conflict, match="has ended meanwhile"):
        override(offer, 8_000, seen=first.pk)
    assert shown(offer)[0] == 10_000


def test_the_same_override_again_is_refused() -> None:
    offer = make_offer()
    override(offer)
    with pytest.raises(Conflict, match="the same override holds already"):
        override(offer)
    assert override(offer, reason="seen again").ended_at is None


def test_one_that_is_over_is_closed_as_expired_and_was_seen_by_nobody() -> None:
    offer, over = make_offer(), clock.now() - HOUR
    old = make_override(offer, expires_at=over)
    override(offer, 8_000, seen=0)
    old.refresh_from_db()
    assert (old.ended_because, old.ended_at, old.ended_by) == ("expired", over, "")
    assert AuditLog.objects.get().changes["price"] == ["100.00 BRL", "80.00 BRL"]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"value": 0}, "value"), ({"value": None}, "value"), ({"value": 10**15 + 1}, "value"), ({"value": "9000"}, "value"), ({"value": True}, "value"),
        ({"field": "availability", "value": "gone"}, "value"), ({"field": "title", "value": 1}, "field"), ({"reason": " \x00 "}, "reason"),
        ({"evidence_url": "ftp://shop.example/x"}, "evidence_url"), ({"evidence_url": "javascript:alert(1)"}, "evidence_url"),
        ({"evidence_url": "https://shop.example/" + "x" * 1000}, "evidence_url"), ({"expires_at": timedelta(0)}, "expires_at"),
        ({"expires_at": timedelta(days=367)}, "expires_at"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(fields: dict[str, Any], at: str) -> None:
    offer = make_offer()
    if "expires_at" in fields:
        fields = {"expires_at": clock.now() + fields["expires_at"]}
    with pytest.raises(Invalid) as refused:
        override(offer, **fields)
    assert (refused.value.field, Override.objects.count(), AuditLog.objects.count()) == (at, 0, 0)


def test_an_archived_or_unknown_offer_is_refused() -> None:
    with pytest.raises(Conflict, match="archived"):
        override(make_offer(status="archived"))
    with pytest.raises(NotFound):
        override_offer(actor=BIA, offer_id=0, field="price", value=1, reason="x")


def test_revert_shows_what_the_store_says_and_says_so_in_the_audit_log() -> None:
    offer = make_offer(updated_at=clock.now() - HOUR)
    held = make_override(offer)
    revert_override(actor=LEO, override_id=held.pk, reason="the shop has put it right")
    held.refresh_from_db()
    offer.refresh_from_db()
    assert (shown(offer)[0], held.ended_because, held.ended_by) == (10_000, "reverted", "Leo")
    assert offer.updated_at > clock.now() - timedelta(minutes=1)
    row = AuditLog.objects.get()
    assert (row.action_type, row.reason, row.entity_id) == ("UPSERT_OFFER", "the shop has put it right", str(offer.pk))
    assert row.changes == {"price": ["90.00 BRL", "100.00 BRL"], "price_override": ["90.00 BRL", None]}


def test_revert_of_what_has_ended_is_refused_in_words() -> None:
    held = make_override(make_offer())
    revert_override(actor=LEO, override_id=held.pk)
    with pytest.raises(Conflict, match=r"does not hold any more: reverted \(Leo\)"):
        revert_override(actor=BIA, override_id=held.pk)
    with pytest.raises(Conflict, match="does not hold any more: expired"):
        revert_override(actor=BIA, override_id=make_override(make_offer(), expires_at=clock.now() - HOUR).pk)
    with pytest.raises(NotFound):
        revert_override(actor=BIA, override_id=0)


def test_the_sweep_writes_down_what_expired_in_one_audit_row() -> None:
    offer, over = make_offer(updated_at=clock.now() - 5 * HOUR), clock.now() - HOUR
    gone = make_override(offer, expires_at=over)
    stays = make_override(make_offer(), expires_at=clock.now() + HOUR)
    assert [one.pk for one in expire_overrides(actor=BIA)] == [gone.pk]
    gone.refresh_from_db()
    stays.refresh_from_db()
    offer.refresh_from_db()
    assert (gone.ended_at, gone.ended_because, gone.ended_by, stays.ended_at) == (over, "expired", "Bia", None)
    assert offer.updated_at == over
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_id, row.changes) == ("UPSERT_OFFER", str(offer.pk), {f"price of {offer.pk}": ["90.00 BRL", "100.00 BRL"]})
    assert expire_overrides(actor=BIA) == []
    assert AuditLog.objects.count() == 1


def test_the_sweep_takes_a_batch_at_a_time() -> None:
    for _number in range(3):
        make_override(make_offer(), expires_at=clock.now() - HOUR)
    assert [len(expire_overrides(actor=BIA, most=2)) for _time in range(3)] == [2, 1, 0]
    assert [row.reason for row in AuditLog.objects.order_by("id")] == ["2 overrides ended by their own time.", "1 override ended by its own time."]


def at_once(*calls: Any) -> list[Any]:
    """Each call on a connection and in a thread of its own, all at the same moment. What each answered or raised."""
    start = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(place: int, call: Any) -> None:
        start.wait(60)
        try:
            answers[place] = call()
        except OpsError as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_many_people_at_the_same_field_one_overrides_and_the_others_hear_of_it() -> None:
    offer = make_offer()
    calls = [lambda number=number: override(offer, 9_000 + number, actor=Actor.system(f"person {number}"), seen=0) for number in range(6)]
    answers = at_once(*calls)
    made = [answer for answer in answers if isinstance(answer, Override)]
    assert (len(made), sum(isinstance(answer, Conflict) for answer in answers)) == (1, 5)
    assert (shown(offer)[0], Override.objects.count(), AuditLog.objects.count()) == (made[0].amount, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_people_who_replace_whatever_is_there_are_put_in_order() -> None:
    offer = make_offer()
    calls = [lambda number=number: override(offer, 9_000 + number, actor=Actor.system(f"person {number}")) for number in range(6)]
    assert all(isinstance(answer, Override) for answer in at_once(*calls))
    assert (Override.objects.filter(ended_at=None).count(), Override.objects.filter(ended_because="replaced").count()) == (1, 5)
    # Each says what it replaced: one chain from what is tracked to what is shown.
    pairs = [tuple(row.changes["price"]) for row in AuditLog.objects.order_by("id")]
    assert [one[1] for one in pairs[:-1]] == [other[0] for other in pairs[1:]]


def commit_when_waited_for(sql: Any, watching: Any) -> threading.Thread:
    """Ends the transaction as soon as somebody waits for it."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

    def watch() -> None:
        deadline = time.monotonic() + 60
        while watching.execute(waiting).fetchone() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        sql.commit()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def test_another_clients_row_at_the_same_moment_is_a_conflict(connect: Any) -> None:
    offer = make_offer()
    sql = connect()
    sql.execute("INSERT INTO offer_overrides (offer_id, field, amount, reason, created_by) VALUES (%s, 'price', 1, 'x', 'sql')", [offer.pk])
    watching = commit_when_waited_for(sql, connect(autocommit=True))
    with pytest.raises(Conflict, match="at this very moment"):
        override(offer)
    watching.join(60)


@pytest.mark.django_db(transaction=True)
def test_the_sweep_and_people_at_once_write_each_end_once() -> None:
    offers = [make_offer() for _number in range(4)]
    for offer in offers:
        make_override(offer, expires_at=clock.now() - HOUR)
    calls = [lambda: expire_overrides(actor=BIA)] * 2 + [lambda offer=offer: override(offer, 7_000, seen=0) for offer in offers]
    answers = at_once(*calls)
    assert [answer for answer in answers if isinstance(answer, OpsError)] == []
    assert Override.objects.filter(ended_because="expired").count() == 4
    assert [shown(offer)[0] for offer in offers] == [7_000] * 4
