"""The sample's billing: a desk on its first morning, and providers that say the same."""

from collections import Counter
from typing import Any

import pytest
from django.db import transaction

from audit.actors import Actor
from billing import providers
from billing.models import Callback, Checkout, Finding, Grant, Payment, WebhookEvent
from billing.settling.writing import write
from opsportal import clock
from sandbox import sample_billing, story
from sandbox.providers.world import World

pytestmark = pytest.mark.django_db


def test_every_story_of_the_desk_is_there() -> None:
    sample_billing.load(clock.now())
    assert Counter(Finding.objects.filter(closed_at=None).values_list("kind", flat=True)) == {
        "paid_without_plan": 1, "event_without_effect": 1, "refunded_with_plan": 1, "amount_differs": 1, "event_needs_person": 1, "product_not_told": 1,
    }  # fmt: skip
    assert set(Checkout.objects.values_list("state", flat=True)) == {"open", "pending", "failed", "expired", "paid"}
    late = Checkout.objects.get(checkout_id="chk_7Q2M9X")
    event = WebhookEvent.objects.get(checkout=late)
    assert (late.state, event.effect, event.effect_reason, Grant.objects.filter(checkout=late).exists()) == ("paid", "none", "no_customer", False)
    assert late.linked_at is not None
    assert late.linked_at > event.received_at
    assert list(Callback.objects.filter(confirmed_at=None).values_list("checkout__checkout_id", flat=True)) == ["chk_8CLBK4"]


def test_the_providers_say_the_same_when_they_are_asked(settings: Any) -> None:
    """But for the plan that was not given and the one that was not taken away."""
    at = clock.now()
    sample_billing.load(at)
    world = World.new(portal="", seed=story.SEED)
    story.tell(world, at)
    settings.STRIPE_SECRET_KEY, settings.MERCADOPAGO_ACCESS_TOKEN = world.keys.stripe_key, world.keys.mercadopago_token
    with world.served() as base:
        settings.STRIPE_API_BASE, settings.MERCADOPAGO_API_BASE = f"{base}/stripe", f"{base}/mercadopago"
        # Each of the special ones, and every third of the others.
        some = [checkout for place, checkout in enumerate(Checkout.objects.order_by("pk")) if place % 3 == 0 or place >= story.ORDINARY]
        said = {checkout.checkout_id: _asked(checkout) for checkout in some}
    assert {name: changes for name, changes in said.items() if changes} == {
        "chk_7Q2M9X": {("plan", "state"), ("plan", "starts_at"), ("plan", "until")}, "chk_4RFND2": {("plan", "state")},
    }  # fmt: skip


def _asked(checkout: Checkout) -> set[tuple[str, str]]:
    ids = tuple(Payment.objects.filter(checkout=checkout).values_list("payment_id", flat=True))
    report = providers.get(checkout.provider).about_checkout(checkout_id=checkout.checkout_id, session_id=checkout.session_id, payment_ids=ids)
    with transaction.atomic():
        decision = write(actor=Actor.system("test"), report=report).decision
        transaction.set_rollback(True)
    return {(one.where, one.field) for one in decision.changes}
