"""All of the outside at once: both stand-ins, the product, and the server they answer on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from opsportal import clock
from sandbox.product import Product
from sandbox.providers.answers import Part
from sandbox.providers.control import Control
from sandbox.providers.mercadopago import MercadoPago
from sandbox.providers.mercadopago_api import MercadoPagoApi
from sandbox.providers.sending import Sender
from sandbox.providers.server import Outside
from sandbox.providers.stripe import Stripe
from sandbox.providers.stripe_api import StripeApi


@dataclass(frozen=True, slots=True)
class Keys:
    """What the portal and the outside know of each other. None of it opens anything real."""

    stripe_key: str = "sk_test_sandbox"
    stripe_secret: str = "whsec_sandbox"  # noqa: S105
    mercadopago_token: str = "APP_USR-sandbox"  # noqa: S105
    mercadopago_secret: str = "sandbox-mercadopago"  # noqa: S105
    product_secret: str = "sandbox-product-backend-secret-32"  # noqa: S105


@dataclass
class World:
    keys: Keys
    stripe: Stripe
    mercadopago: MercadoPago
    product: Product
    sender: Sender

    @classmethod
    def new(
        cls,
        keys: Keys = Keys(),
        *,
        portal: str = "http://127.0.0.1:8000",
        seed: int | str = 1,
        now: Callable[[], datetime] = clock.now,
        sender: Sender | None = None,
    ) -> "World":
        """`portal`: where the webhooks go; nowhere when empty. `now`: the clock of the providers' objects."""
        post = sender or Sender()
        hooks = f"{portal.rstrip('/')}/api/webhooks/" if portal else ""
        stripe = Stripe(
            key=keys.stripe_key, secrets=[keys.stripe_secret], webhook_url=f"{hooks}stripe" if hooks else "", now=now, seed=seed, sender=post
        )  # fmt: skip
        mercadopago = MercadoPago(
            key=keys.mercadopago_token, secrets=[keys.mercadopago_secret], webhook_url=f"{hooks}mercadopago" if hooks else "", now=now, seed=seed, sender=post
        )  # fmt: skip
        return cls(keys, stripe, mercadopago, Product([keys.product_secret]), post)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """For the providers it is another time while the block lasts."""
        before = self.stripe.now, self.mercadopago.now
        self.stripe.now = self.mercadopago.now = lambda: moment
        try:
            yield
        finally:
            self.stripe.now, self.mercadopago.now = before

    @contextmanager
    def muted(self) -> Iterator[None]:
        """What happens within the block is told to nobody."""
        self.sender.is_muted = True
        try:
            yield
        finally:
            self.sender.is_muted = False

    def control(self) -> Control:
        return Control(self.stripe, self.mercadopago, self.product)

    def server(self, port: int = 0, *, control: Control | None = None) -> Outside:
        """On 127.0.0.1, not serving yet. Raises OSError for a port that is taken."""
        parts: dict[str, Part] = {"stripe": StripeApi(self.stripe), "mercadopago": MercadoPagoApi(self.mercadopago), "product": self.product}
        parts["control"] = control or self.control()
        return Outside("127.0.0.1", port, parts)

    @contextmanager
    def served(self, port: int = 0) -> Iterator[str]:
        """The address, while the block lasts."""
        server = self.server(port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.address
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
