from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.providers.world import World


@pytest.fixture(scope="session")
def stand_ins() -> Iterator[tuple[World, str]]:
    """Both stand-in providers on one port; their webhooks go nowhere: all of them are lost."""
    world = World.new(portal="")
    with world.served() as base:
        yield world, base


@pytest.fixture
def world(stand_ins: tuple[World, str], settings: Any) -> World:
    made, base = stand_ins
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = True
    settings.STRIPE_API_BASE, settings.MERCADOPAGO_API_BASE = f"{base}/stripe", f"{base}/mercadopago"
    settings.STRIPE_SECRET_KEY, settings.MERCADOPAGO_ACCESS_TOKEN = made.keys.stripe_key, made.keys.mercadopago_token
    return made
