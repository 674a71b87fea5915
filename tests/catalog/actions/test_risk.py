"""Risk as it stands on the offers: written from what is shown, on a person's word and after whatever changes it."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.actors import Actor
from catalog.actions.risk import recalculate
from catalog.models import Offer
from opsportal import clock
from switches import actions as switches
from tests.factories import make_offer, make_override, make_price, make_product

ACTOR = Actor.system("tests")


def make_trap(**fields) -> Offer:
    """R$ 100 for 80 days, the list price raised to R$ 180 five days before it went down to R$ 99."""
    offer = make_offer(price=9_900, list_price=18_000, **fields)
    make_price(offer, days_ago=80, price=10_000, list_price=12_000)
    make_price(offer, days_ago=8, price=10_000, list_price=18_000)
    make_price(offer, days_ago=3, price=9_300, list_price=18_000)
    make_price(offer, days_ago=2, price=9_900, list_price=18_000)
    return offer


def codes(offer: Offer) -> list[str]:
    return [reason["code"] for reason in offer.risk_reasons]


def test_recalculate_writes_score_bucket_reasons_and_medians(db):
    offer = make_trap()
    assert recalculate([offer.pk]) == 1
    offer.refresh_from_db()
    assert (offer.bucket, offer.median_30, offer.median_90) == ("risky", 10_000, 10_000)
    assert codes(offer) == ["list_raised", "claim_gap", "single_source"]
