"""What never came by webhook is found in the provider's own list, and processed like any other event."""

from datetime import timedelta

import pytest

from billing.models import Grant, Payment, Watermark, WebhookEvent
from billing.processing.working import process_event
from billing.report import Change, CouldNotAsk
from billing.states import EventState
from billing.sweeping import catching_up
from billing.sweeping.catching_up import CaughtUp, Listed, keep, read_list
from opsportal import clock
from sandbox.providers.world import World
from tests.billing.factories import make_checkout, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _from_here_on(world: World) -> None:
    """The stand-in remembers the other tests' payments; the list begins behind them."""
    world.stripe.events.clear()
    world.mercadopago.payments.clear()


def catch_up(provider: str = "stripe") -> CaughtUp:
    return keep(read_list(provider))


def test_event_that_never_came_is_kept_and_has_its_effect(world: World) -> None:
    checkout = make_checkout(session_id=world.stripe.start_checkout("chk_lost", amount=2990), checkout_id="chk_lost")
    world.stripe.pay(checkout.session_id)
    known = world.stripe.events[-1]["id"]
    make_event(event_id=known)
    caught = catch_up()
    lost = list(WebhookEvent.objects.filter(source="asked").order_by("pk"))
    assert (caught.listed, caught.new, caught.error) == (len(lost) + 1, len(lost), "")
    assert [(one.state, one.is_signed, one.event_type) for one in lost] == [("received", False, "payment_intent.succeeded")]
    assert process_event(lost[0].pk) == EventState.DONE
    assert Grant.objects.get().checkout_id == checkout.pk
    assert catch_up().new == 0
    assert WebhookEvent.objects.count() == 2


def test_payment_of_which_a_webhook_told_is_not_taken_for_a_lost_one(world: World) -> None:
    page = world.mercadopago.start_checkout("chk_mp", amount=2990)
    make_checkout(provider="mercadopago", session_id=page, checkout_id="chk_mp")
    payment = world.mercadopago.pay(page)
    event = make_event(provider="mercadopago", event_type="payment.updated", object_id=payment)
    assert process_event(event.pk) == EventState.DONE
    assert catch_up("mercadopago").new == 0
    world.mercadopago.refund(payment, 1000)
    assert catch_up("mercadopago").new == 1
    assert process_event(WebhookEvent.objects.get(source="asked").pk) == EventState.DONE
    assert Payment.objects.get().refunded == 1000
    assert catch_up("mercadopago").new == 0


def test_first_time_goes_a_day_back_and_later_ones_overlap() -> None:
    Watermark.objects.create(provider="mercadopago", read_until=clock.now() - timedelta(hours=3))
    first, later = catching_up.read_list("stripe"), catching_up.read_list("mercadopago")
    assert [round((clock.now() - one.since) / timedelta(minutes=1)) for one in (first, later)] == [24 * 60, 190]


def test_watermark_moves_only_when_all_was_kept(world: World, settings: object) -> None:
    before = clock.now()
    assert catch_up().until >= before
    mark = Watermark.objects.get()
    assert mark.error == ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.stripe, "key", "sk_test_another")
        caught = catch_up()
    after = Watermark.objects.get()
    assert (after.read_until, caught.until, after.error) == (mark.read_until, mark.read_until, "Stripe refuses the access token (401).")
    assert after.tried_at is not None
    assert catch_up().error == ""


def test_list_that_breaks_off_keeps_what_it_gave_and_the_watermark_where_it_was() -> None:
    mark = Watermark.objects.create(provider="stripe", read_until=clock.now() - timedelta(hours=3))
    change = Change("evt_middle", "payment_intent.succeeded", "pi_1", clock.now() - timedelta(hours=2), b"{}")
    listed = Listed("stripe", mark.read_until, change.created_at, [change], error=CouldNotAsk("timeout", "Stripe did not answer in time."))
    assert keep(listed) == CaughtUp(1, 1, mark.read_until, "Stripe did not answer in time.")
    assert WebhookEvent.objects.get().event_id == "evt_middle"


def test_list_that_is_cut_goes_on_where_it_was_cut(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for hours in (5, 4):
        with world.at(clock.now() - timedelta(hours=hours)):
            world.stripe.pay(world.stripe.start_checkout(amount=100))
    monkeypatch.setattr(catching_up, "MOST_AT_ONCE", 1)
    caught = catch_up()
    assert (caught.listed, round((clock.now() - caught.until) / timedelta(hours=1))) == (1, 5)


def test_gap_beyond_what_the_provider_keeps_is_said(world: World) -> None:
    Watermark.objects.create(provider="stripe", read_until=clock.now() - timedelta(days=40))
    caught = catch_up()
    assert "is not listed any more" in caught.error
    assert caught.until > clock.now() - timedelta(minutes=5)
    assert Watermark.objects.get().error == caught.error


def test_provider_without_a_token_is_no_source(world: World, settings: object) -> None:
    assert catching_up.sources() == ["stripe", "mercadopago"]
    settings.STRIPE_SECRET_KEY = ""  # type: ignore[attr-defined]
    assert catching_up.sources() == ["mercadopago"]
