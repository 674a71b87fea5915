"""What the sample households bought in the five days before the sample data was loaded, told to the stand-in providers.

It is told twice with the same words: to fill the portal's tables, and at every start of the stand-ins, whose memory it is. So both always
say the same, except where the story wants them to disagree.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.providers.sending import Letter
from sandbox.providers.world import World

SEED = "the sample's five days"
PRICES = {"plus": 2990, "pro": 5990, "family": 59900}
ORDINARY, CUSTOMERS = 52, 40
SMALLER, PART = 1990, 990
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# How each ends, and what happens on the way: seconds after it was begun, and the provider's verb.
ENDS = {
    "paid": ((41, "pay"),), "pix": ((28, "begin_payment"), (97, "end_payment")), "second_try": ((52, "fail"), (163, "pay")), "declined": ((45, "fail"),),
    "expired": ((86_400, "expire"),), "open": (), "pending": ((30, "begin_payment"),), "refunded": ((38, "pay"), (9 * 3600, "refund")),
    "part_refunded": ((44, "pay"), (6 * 3600, "refund")), "disputed": ((36, "pay"), (40 * 3600, "dispute")), "smaller": ((47, "pay"),),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tale:
    """One checkout. `begun`: how long before the sample data was loaded. `twist`: what the portal has wrong about it, see sample_billing."""

    reference: str
    provider: str
    customer: int
    plan: str
    begun: timedelta
    ends: str
    mode: str = "payment"
    twist: str = ""

    @property
    def customer_key(self) -> str:
        return f"hh_{self.customer:04}"

    @property
    def email(self) -> str:
        return f"casa{self.customer}@example.com"


@dataclass
class Told:
    """What became of it: its ids at the provider, and for each verb its moment and the webhooks it made."""

    tale: Tale
    begun_at: datetime
    checkout: str = ""
    payment: str = ""
    acts: list[tuple[datetime, str, list[Letter]]] = field(default_factory=list)


TWISTS = (
    # The night before: paid, and the plan was not given. Everything else of the desk's first morning stands beside it.
    Tale("chk_7Q2M9X", "stripe", 38, "plus", timedelta(hours=10, minutes=25, seconds=35), "paid", twist="linked_late"),
    Tale("chk_4RFND2", "mercadopago", 5, "pro", timedelta(hours=71), "refunded", twist="plan_stayed"),
    Tale("chk_9AMNT7", "stripe", 33, "plus", timedelta(hours=26), "smaller"),
    Tale("chk_2PXWT5", "mercadopago", 41, "plus", timedelta(minutes=35), "pending"),
    Tale("chk_6DSPT3", "stripe", 11, "pro", timedelta(hours=62), "disputed"),
    Tale("chk_8CLBK4", "stripe", 42, "pro", timedelta(minutes=52), "paid", mode="subscription", twist="not_confirmed"),
    Tale("chk_3EXTR8", "mercadopago", 14, "plus", timedelta(hours=49), "pix"),
    Tale("chk_5LATE6", "mercadopago", 22, "family", timedelta(hours=40), "second_try"),
)


def tales() -> list[Tale]:
    draw = random.Random(SEED)  # noqa: S311
    taken = {tale.customer for tale in TWISTS}
    customers = [number for number in range(1, CUSTOMERS + 1) if number not in taken]
    found = []
    for number in range(ORDINARY):
        stripe = number % 5 in (0, 2)
        plan = "family" if number % 17 == 8 else "pro" if number % 4 == 3 else "plus"
        ends = _end(number, is_pix=not stripe and number % 3 != 0)
        mode = "subscription" if stripe and ends == "paid" and number % 10 == 0 else "payment"
        found.append(
            Tale(
                "chk_" + "".join(draw.choices(LETTERS, k=6)), "stripe" if stripe else "mercadopago", customers[number * len(customers) // ORDINARY], plan,
                timedelta(seconds=round(84 * 3600 * (1 - number / (ORDINARY + 1)))), ends, mode,
            )
        )  # fmt: skip
    return [*found, *TWISTS]


def _end(number: int, *, is_pix: bool) -> str:
    """Most pay at once; the last ones have not decided yet."""
    rare = {9: "refunded", 17: "part_refunded", 49: "declined", 26: "refunded", 50: "open", 51: "open"}
    if number in rare:
        return rare[number]
    if number % 13 == 6:
        return "expired" if number < 34 else "open"
    return "second_try" if number % 11 == 4 else "pix" if is_pix else "paid"


def tell(world: World, loaded_at: datetime) -> list[Told]:
    """In whole seconds, as Stripe counts them, and in the order of its moments, so that every telling makes the same ids. Nothing is delivered: the webhooks stay with what made them."""
    loaded_at = loaded_at.replace(microsecond=0)
    # Whether an account wants to hear of orders is its own choice; this one hears of payments.
    world.mercadopago.sends_orders = False
    told = [Told(tale, loaded_at - tale.begun) for tale in tales()]
    for at, one, verb in sorted(_acts(told, loaded_at), key=lambda act: (act[0], act[1].tale.reference)):
        with world.at(at):
            _do(world, one, verb)
        one.acts.append((at, verb, world.sender.waiting))
        world.sender.waiting = []
    world.mercadopago.sends_orders = True
    return told


def _acts(told: list[Told], loaded_at: datetime) -> Iterator[tuple[datetime, Told, str]]:
    for one in told:
        yield one.begun_at, one, "start_checkout"
        for seconds, verb in ENDS[one.tale.ends]:
            if (at := one.begun_at + timedelta(seconds=seconds)) < loaded_at:
                yield at, one, verb


def _do(world: World, one: Told, verb: str) -> None:
    tale, provider = one.tale, world.stripe if one.tale.provider == "stripe" else world.mercadopago
    match verb:
        case "start_checkout":
            options: dict[str, Any] = {"email": tale.email, "customer_key": tale.customer_key, "plan": tale.plan, "amount": PRICES[tale.plan]}
            if tale.provider == "stripe":
                options |= {"mode": tale.mode, "interval": "year" if tale.plan == "family" else "month"}
            one.checkout = provider.start_checkout(tale.reference, **options)
        case "pay":
            one.payment = provider.pay(one.checkout, amount=SMALLER if tale.ends == "smaller" else None)
        case "fail" | "begin_payment":
            one.payment = getattr(provider, verb)(one.checkout)
        case "end_payment" | "dispute":
            getattr(provider, verb)(one.payment)
        case "refund":
            provider.refund(one.payment, PART if tale.ends == "part_refunded" else None)
        case "expire":
            provider.expire(one.checkout)
