from datetime import datetime, timedelta

import pytest

from billing.models import SignatureCount, WebhookEvent
from billing.queries import signature
from billing.queries.signature import Rotation, Signatures, signatures
from opsportal import clock
from tests.billing.factories import make_event

pytestmark = pytest.mark.django_db


def event(hours: float, **fields):
    made = make_event(**fields)
    WebhookEvent.objects.filter(pk=made.pk).update(received_at=clock.now() - timedelta(hours=hours))
    made.refresh_from_db()
    return made.received_at


def refused(hours: float, reason: str = "mismatch", times: int = 1, provider: str = "stripe"):
    at = clock.now() - timedelta(hours=hours)
    hour = at.replace(minute=0, second=0, microsecond=0)
    return SignatureCount.objects.create(provider=provider, hour=hour, reason=reason, times=times, last_at=at).last_at


def test_nothing_came_yet():
    assert signatures() == {}


def test_last_of_each_kind_is_told_by_provider():
    event(9)
    current, previous = event(5), event(7, signed_by="previous")
    event(8, signed_by="previous")
    unsigned = event(2, provider="mercadopago", is_signed=False, signed_by="")
    # Events that we asked for are not signed by anybody.
    event(1, source="asked")
    assert signatures() == {"stripe": Signatures(current, previous), "mercadopago": Signatures(unsigned=unsigned)}


def test_refusals_are_told_with_the_last_reason_and_their_count_of_a_day():
    refused(30, times=100)
    refused(5, times=3)
    last = refused(4, "too_old", times=2)
    other = refused(3, provider="mercadopago")
    found = signatures()
    assert found["stripe"] == Signatures(refused_at=last, refused_because="too_old", refused=5)
    assert found["mercadopago"] == Signatures(refused_at=other, refused_because="mismatch", refused=1)


def test_current_secret_is_looked_for_among_the_newest_events_only(monkeypatch):
    monkeypatch.setattr(signature, "NEWEST", 2)
    current = event(4)
    previous = event(3, signed_by="previous")
    event(5, signed_by="previous")
    first = signatures()
    unsigned = event(2, is_signed=False, signed_by="")
    event(1, source="asked")
    # However many came since, the others are found.
    assert (first["stripe"], signatures()["stripe"]) == (Signatures(current, previous), Signatures(None, previous, unsigned))


def rotation(
    provider: str = "stripe", *, current: float | None = None, previous: float | None = None, has_current=True, has_previous=True
) -> Rotation:
    return Signatures(ago(current), ago(previous)).rotation(provider, has_current=has_current, has_previous=has_previous)


def ago(hours: float | None) -> datetime | None:
    return None if hours is None else clock.now() - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"has_current": False, "has_previous": False}, "none"),
        ({"has_previous": False}, "single"),
        ({"has_current": False}, "only_previous"),
        ({}, "unseen"),
        ({"previous": 1}, "not_begun"),
        ({"current": 3, "previous": 1}, "not_begun"),
        ({"current": 1, "previous": 3}, "waiting"),
        ({"current": 1, "previous": 25}, "over"),
        ({"current": 1}, "over"),
        ({"provider": "mercadopago", "current": 1, "previous": 25}, "waiting"),
        ({"provider": "mercadopago", "current": 1, "previous": 121}, "over"),
    ],
)
def test_previous_secret_is_kept_until_nothing_can_bear_it(given, state):
    assert rotation(**given).state == state


def test_waiting_says_until_when():
    seen = Signatures(clock.now(), clock.now() - timedelta(hours=3))
    assert seen.rotation("stripe", has_current=True, has_previous=True) == Rotation("waiting", seen.previous + timedelta(days=1))
