from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sandbox.providers.world import World


@dataclass
class Served:
    world: World
    base: str


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """One outside for a file of tests: each starts checkouts of its own in it. Its webhooks go nowhere."""
    world = World.new(portal="")
    world.stripe.trouble.timeout = world.mercadopago.trouble.timeout = 0.3
    with world.served() as base:
        yield Served(world, base)
