"""A portal in which every desk has so many of everything that Today tells of."""

from datetime import timedelta

from accounts.models import Person
from audit.actions import record
from beta.action_types import BetaAction
from beta.models import Program
from catalog.models import Offer
from health.models import Ping
from opsportal import clock
from review import actions
from review.models import Handover, Review, ReviewLine, Sample
from tests.billing.factories import make_event, make_finding
from tests.factories import (
    make_alert,
    make_failed_item,
    make_invite,
    make_message,
    make_offer,
    make_override,
    make_ping,
    make_probe,
    make_probe_result,
    make_support_message,
)

LINES = ("beta-seats", "money-mismatches", "jobs-reliability", "feed-poor", "overrides-today")


def make_everything(person: Person, number: int) -> None:
    now = clock.now()
    Program.objects.update(starts_on=clock.today() - timedelta(days=4), invites_paused_at=now)
    for _ in range(number):
        make_finding()
        make_event(state="person")
        make_message(state="dead", finished_at=now)
        make_failed_item("sweep", state="given_up")
        make_support_message(kind="complaint", waiting_since=now - timedelta(days=2))
        make_invite(expires_at=now + timedelta(hours=3))
        record(actor=person.actor, action_type=BetaAction.CHANGE_CAP, entity_type="program", entity_id=1, reason="more")
    _catalog(number)
    _health(number)
    _reviews(person, number)


def _catalog(number: int) -> None:
    now = clock.now()
    for _ in range(number):
        risky = make_offer(bucket="risky", held_price=4_000, held_at=now)
        make_alert(product=risky.product)
        make_override(risky, expires_at=now + timedelta(hours=2))
    # Its page says something else than when it was overridden.
    Offer.objects.update(price=7_000)


def _health(number: int) -> None:
    now = clock.now()
    for _ in range(number):
        probe = make_probe(state="down", state_at=now, last_at=now, watches_feed=not Ping.objects.exists())
        make_probe_result(probe)
        make_ping(verdict="down", verdict_at=now)


def _reviews(person: Person, number: int) -> None:
    now, today = clock.now(), clock.today()
    for kind in ("morning", "evening"):
        review, _made = Review.objects.get_or_create(kind=kind, day=today, defaults={"begun_by": "Ana", "begun_by_id": "1"})
        for place in range(number):
            ReviewLine.objects.create(review=review, key=f"line-{number}-{place}", state="fail", ticked_at=now)
    for key in LINES:
        for place in range(number):
            Sample.objects.create(
                key=key, at=now - timedelta(minutes=15 * place + number), state="ok", value=place, figure={"value": place, "unit": "count"}
            )
    for _ in range(number):
        Handover.objects.create(text="Coffee.", written_by="Bruno", written_by_id="7", written_at=now)
    if number == 1:
        actions.take_duty(actor=person.actor)
