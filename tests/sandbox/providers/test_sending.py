"""Webhooks on their way: what the providers' own libraries say of the signatures, and what becomes of them."""

import time
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe
from mercadopago.webhook import InvalidWebhookSignatureError, WebhookSignatureValidator

from sandbox.providers.sending import Faults, Sender
from sandbox.providers.world import World

PORTAL = "http://portal.example"
NONE = Faults()


class Portal:
    """Takes what is sent, and answers as it is told."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.taken: list[tuple[str, bytes, dict[str, str]]] = []

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.taken.append((url, body, headers))
        return self.answers.pop(0) if self.answers else 200


def world_of(portal: Portal, faults: Faults = NONE) -> World:
    return World.new(portal=PORTAL, sender=Sender(portal, faults=faults, seed=3))


def is_stripes(taken: tuple[str, bytes, dict[str, str]], secret: str) -> bool:
    try:
        stripe.Webhook.construct_event(taken[1], taken[2]["Stripe-Signature"], secret)
    except stripe.SignatureVerificationError:
        return False
    return True


def is_mercadopagos(taken: tuple[str, bytes, dict[str, str]], secret: str) -> bool:
    data_id = parse_qs(urlsplit(taken[0]).query)["data.id"][0]
    try:
        WebhookSignatureValidator.validate(taken[2]["x-signature"], taken[2]["x-request-id"], data_id, secret)
    except InvalidWebhookSignatureError:
        return False
    return True


def test_stripe_signs_with_every_secret_it_has() -> None:
    portal = Portal()
    world = world_of(portal)
    world.stripe.secrets = ["whsec_new", "whsec_old"]
    world.stripe.pay(world.stripe.start_checkout(amount=100))
    assert world.sender.deliver() == Counter({200: 2})
    assert [[is_stripes(taken, secret) for secret in ("whsec_new", "whsec_old", "whsec_other")] for taken in portal.taken] == [
        [True, True, False]
    ] * 2
    assert {taken[0] for taken in portal.taken} == {f"{PORTAL}/api/webhooks/stripe"}


@pytest.mark.parametrize("in_ms", [True, False])
def test_mercado_pago_signs_the_id_in_the_query(in_ms: bool) -> None:
    portal = Portal()
    world = world_of(portal)
    world.mercadopago.signs_in_ms = in_ms
    payment = world.mercadopago.pay(world.mercadopago.start_checkout(amount=100))
    world.sender.deliver()
    assert [is_mercadopagos(taken, world.keys.mercadopago_secret) for taken in portal.taken] == [True, True]
    assert portal.taken[0][0] == f"{PORTAL}/api/webhooks/mercadopago?data.id={payment}&type=payment"
    assert ("topic_merchant_order_wh" in portal.taken[1][0], is_mercadopagos(portal.taken[0], "another")) == (True, False)


def test_a_forged_one_comes_before_the_true_one() -> None:
    portal = Portal(401)
    world = world_of(portal, Faults(forged=1))
    world.stripe.expire(world.stripe.start_checkout(amount=100))
    assert world.sender.deliver_all() == Counter({401: 1, 200: 1})
    assert [is_stripes(taken, world.keys.stripe_secret) for taken in portal.taken] == [False, True]


def test_what_is_not_taken_comes_again_later_and_later_until_it_is_given_up() -> None:
    portal = Portal(500, 0, 200)
    world = world_of(portal)
    world.stripe.expire(world.stripe.start_checkout(amount=100))
    assert [sum(world.sender.deliver().values()) for _round in range(8)] == [1, 0, 0, 1, 0, 0, 0, 0]
    assert world.sender.deliver_all() == Counter({200: 1})
    portal.answers = [503] * 100
    world.stripe.expire(world.stripe.start_checkout(amount=100))
    assert (world.sender.deliver_all(), len(world.sender.given_up)) == (Counter({503: 8}), 1)


def test_lost_twice_and_late() -> None:
    for faults, sent, rounds in ((Faults(lost=1), 0, 0), (Faults(twice=1, rounds=0), 2, 1), (Faults(late=1, rounds=3), 1, 4)):
        portal = Portal()
        world = world_of(portal, faults)
        world.stripe.expire(world.stripe.start_checkout(amount=100))
        needed = 0
        while world.sender.waiting:
            world.sender.deliver()
            needed += 1
        assert (len(portal.taken), needed) == (sent, rounds)


def test_in_the_background_they_are_sent_by_themselves() -> None:
    portal = Portal()
    world = world_of(portal)
    world.sender.tick = 0.01
    world.sender.start()
    world.stripe.expire(world.stripe.start_checkout(amount=100))
    deadline = time.monotonic() + 60
    while not portal.taken and time.monotonic() < deadline:
        time.sleep(0.01)
    world.sender.stop()
    assert len(portal.taken) == 1
