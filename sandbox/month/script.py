"""Who buys what in a month, and what becomes of it. The same seed tells the same month."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.providers.mercadopago import MercadoPago
from sandbox.providers.stripe import Stripe
from sandbox.providers.world import World

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
# Everything is begun and over within these, so that no plan of a month runs out before it is checked.
BEGUN_WITHIN, OVER_WITHIN = 16 * DAY, 24 * DAY
PLANS = {"plus": (2990, 30, 1), "pro": (5990, 30, 2), "family": (59900, 365, 3)}
Story = Iterator[float]


@dataclass
class Buyer:
    """One checkout. `customer` is empty for one whom the product never names; `is_ours` False: another shop of the same account."""

    number: int
    provider: Stripe | MercadoPago
    plan: str
    customer: str
    chance: random.Random
    is_ours: bool = True
    mode: str = "payment"
    checkout: str = ""
    payment: str = ""

    @property
    def reference(self) -> str:
        return f"{'chk_m' if self.is_ours else 'shop2-'}{self.number:06}"

    @property
    def email(self) -> str:
        return f"buyer{self.number}@example.com"

    @property
    def amount(self) -> int:
        return PLANS[self.plan][0]

    def start(self) -> None:
        options: dict[str, Any] = {
            "email": self.email,
            "customer_key": self.customer if self.is_ours else "",
            "plan": self.plan,
            "amount": self.amount,
        }
        if isinstance(self.provider, Stripe):
            options |= {"mode": self.mode, "interval": "year" if self.plan == "family" else "month"}
        self.checkout = self.provider.start_checkout(self.reference, **options)

    def pay(self, **options: Any) -> None:
        self.payment = self.provider.pay(self.checkout, **options)

    def soon(self) -> float:
        return self.chance.uniform(20, 10 * MINUTE)

    def later(self) -> float:
        return self.chance.uniform(HOUR, 3 * DAY)


def paid(one: Buyer) -> Story:
    one.pay()
    yield 0


def paid_later(one: Buyer) -> Story:
    one.payment = one.provider.begin_payment(one.checkout)
    yield one.later()
    one.provider.end_payment(one.payment)


def never_paid(one: Buyer) -> Story:
    one.payment = one.provider.begin_payment(one.checkout)
    yield one.later()
    one.provider.end_payment(one.payment, paid=False)


def second_try(one: Buyer) -> Story:
    one.provider.fail(one.checkout)
    yield one.soon()
    one.pay()


def declined(one: Buyer) -> Story:
    one.provider.fail(one.checkout)
    yield 0


def expired(one: Buyer) -> Story:
    yield DAY
    one.provider.expire(one.checkout)


def refunded(one: Buyer) -> Story:
    one.pay()
    yield one.later()
    one.provider.refund(one.payment)


def refunded_slowly(one: Buyer) -> Story:
    one.pay()
    yield one.later()
    refund = one.provider.refund(one.payment, is_slow=True)
    yield one.later()
    one.provider.end_refund(refund)


def refunded_in_parts(one: Buyer) -> Story:
    one.pay()
    yield one.later()
    one.provider.refund(one.payment, one.amount // 3)
    if one.chance.random() < 0.5:
        yield one.later()
        one.provider.refund(one.payment)


def refund_fails(one: Buyer) -> Story:
    one.pay()
    yield one.later()
    refund = one.provider.refund(one.payment)
    yield one.later()
    one.provider.end_refund(refund, done=False)


def disputed(one: Buyer) -> Story:
    one.pay()
    yield one.later()
    dispute = one.provider.dispute(one.payment)
    yield one.later()
    if (ends := one.chance.random()) < 0.8:
        one.provider.close_dispute(dispute, won=ends < 0.4)


def other_amount(one: Buyer) -> Story:
    one.pay(amount=one.amount - 1000)
    yield 0


def other_currency(one: Buyer) -> Story:
    one.pay(currency="USD")
    yield 0


def paid_twice(one: Buyer) -> Story:
    one.pay()
    yield one.soon()
    one.pay()


def reviewed(one: Buyer) -> Story:
    assert isinstance(one.provider, MercadoPago)
    one.payment = one.provider.review(one.checkout)
    yield one.later()
    one.provider.end_payment(one.payment, paid=one.chance.random() < 0.7)


def subscribed(one: Buyer) -> Story:
    assert isinstance(one.provider, Stripe)
    one.pay()
    yield one.later()
    goes = one.chance.random()
    if goes < 0.5:
        one.provider.renew(one.checkout, paid=goes < 0.3)
    if 0.3 <= goes < 0.4:
        yield one.later()
        one.provider.renew(one.checkout)
    if goes > 0.8:
        one.provider.cancel(one.checkout, at_period_end=goes > 0.9)


Kind = Callable[[Buyer], Story]
ANYWHERE: tuple[tuple[Kind, int], ...] = (
    (paid, 40), (paid_later, 12), (never_paid, 5), (second_try, 8), (declined, 4), (expired, 8), (refunded, 5), (refunded_slowly, 2), (refunded_in_parts, 4),
    (refund_fails, 2), (disputed, 5), (other_amount, 1), (other_currency, 1),
)  # fmt: skip
AT_STRIPE: tuple[tuple[Kind, int], ...] = ((subscribed, 20),)
AT_MERCADOPAGO: tuple[tuple[Kind, int], ...] = ((paid_twice, 1), (reviewed, 4))


@dataclass
class Script:
    """`buyers` with the second at which each begins."""

    world: World
    seed: int
    checkouts: int
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311

    def buyers(self) -> Iterator[tuple[float, Buyer, Story]]:
        """Some customers buy a second time; a few are named late or never, see running.py."""
        earlier: list[str] = []
        for number in range(self.checkouts):
            chance = self.chance
            provider: Stripe | MercadoPago = self.world.stripe if chance.random() < 0.45 else self.world.mercadopago
            kinds = ANYWHERE + (AT_STRIPE if isinstance(provider, Stripe) else AT_MERCADOPAGO)
            kind = chance.choices([kind for kind, _weight in kinds], [weight for _kind, weight in kinds])[0]
            plan = chance.choices(list(PLANS), [6, 3, 1])[0]
            customer = f"cus_m{number:06}"
            if kind is subscribed:
                mode = "subscription"
            else:
                mode = "payment"
                if earlier and chance.random() < 0.12:
                    customer = chance.choice(earlier)
                earlier.append(customer)
            if chance.random() < 0.004:
                customer = ""
            one = Buyer(number, provider, plan, customer, random.Random(chance.random()), is_ours=chance.random() > 0.004, mode=mode)  # noqa: S311
            yield chance.uniform(0, BEGUN_WITHIN), one, kind(one)
