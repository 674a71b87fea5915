"""Whether money and plans agree with the providers' books: own SQL and plain Python, nothing of what settled them.

Every payment that the books have as paid must stand here with its amount, its currency and what was given back, and no other; and whoever
paid what was asked, and was given nothing back in full, has the plan for exactly as long as was paid for, once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection

from sandbox.month.script import PLANS
from sandbox.providers.books import BookedCheckout, BookedPayment
from sandbox.providers.world import World

_PAYMENTS = """
    SELECT p.provider, p.payment_id, p.amount, p.currency, p.state, p.refunded, coalesce(c.checkout_id, ''),
        coalesce((SELECT sum(r.amount) FROM refunds r WHERE r.payment_id = p.id AND r.state <> 'failed'), 0)::bigint
    FROM payments p LEFT JOIN checkout_sessions c ON c.id = p.checkout_id
"""
_GRANTS = """
    SELECT p.provider, p.payment_id, g.customer_key, l.key, g.starts_at, g.until
    FROM plan_grants g JOIN plans l ON l.id = g.plan_id JOIN payments p ON p.id = g.payment_id WHERE g.ended_at IS NULL
"""
_PAID_CHECKOUTS = "SELECT checkout_id FROM checkout_sessions WHERE state = 'paid'"
_TOLD = "SELECT DISTINCT ON (customer_key) customer_key, version, confirmed_at IS NOT NULL FROM plan_callbacks ORDER BY customer_key, version DESC"

Key = tuple[str, str]


@dataclass
class Outcome:
    """`sums`: (what, provider, currency) -> [books, portal], in minor units or counts. `differences`: in words, empty when all agrees."""

    sums: dict[tuple[str, str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    differences: list[str] = field(default_factory=list)

    def add(self, side: int, what: str, provider: str, currency: str, amount: int = 1) -> None:
        self.sums[what, provider, currency][side] += amount

    @property
    def agrees(self) -> bool:
        return not self.differences and all(books == portal for books, portal in self.sums.values())


def check(world: World) -> Outcome:
    outcome = Outcome()
    booked = {(book.provider, payment.id): (book, payment) for book, payment in (*world.stripe.books.payments(), *world.mercadopago.books.payments())}
    outcome.differences += [*_money(outcome, booked), *_plans(outcome, booked), *_checkouts(world), *_product(world, booked)]
    return outcome


def _money(outcome: Outcome, booked: dict[Key, tuple[BookedCheckout, BookedPayment]]) -> Iterator[str]:
    paid = {key: pair for key, pair in booked.items() if pair[1].state == "approved"}
    for (provider, _id), (_book, payment) in paid.items():
        _add_up(outcome, 0, provider, payment.currency, payment.amount, payment.refunded, _state(payment))
    here = {(row[0], row[1]): row[2:] for row in _rows(_PAYMENTS)}
    kept = {"approved", "refunded", "charged_back"}
    for (provider, id), (amount, currency, state, refunded, _reference, refunds) in here.items():
        if state in kept:
            _add_up(outcome, 1, provider, currency, amount, refunded, state)
        if state in kept and (provider, id) not in paid:
            yield f"{provider} {id}: {state} here, not paid at the provider"
        if refunded != refunds:
            yield f"{provider} {id}: {refunded} refunded, its refunds come to {refunds}"
    for key, (book, payment) in paid.items():
        ours = here.get(key)
        wanted = (payment.amount, payment.currency, _state(payment), payment.refunded, book.reference if book.reference.startswith("chk_") else "")
        if ours is None or tuple(ours[:5]) != wanted:
            yield f"{key[0]} {key[1]}: the books say {wanted}, the portal {ours[:5] if ours else 'nothing'}"


def _add_up(outcome: Outcome, side: int, provider: str, currency: str, amount: int, refunded: int, state: str) -> None:  # noqa: PLR0917
    outcome.add(side, "payments", provider, currency)
    outcome.add(side, "paid", provider, currency, amount)
    outcome.add(side, "refunded", provider, currency, refunded)
    outcome.add(side, "charged back", provider, currency, amount if state == "charged_back" else 0)


def _state(payment: BookedPayment) -> str:
    if payment.dispute == "lost":
        return "charged_back"
    return "refunded" if payment.refunds and payment.refunded >= payment.amount else "approved"


def _plans(outcome: Outcome, booked: dict[Key, tuple[BookedCheckout, BookedPayment]]) -> Iterator[str]:
    """What one checkout asks for, or one period of its subscription, is given once, by one of the payments that are right."""
    right: dict[tuple[str, str, datetime | None], list[Key]] = defaultdict(list)
    for key, (book, payment) in booked.items():
        if _earns(book, payment):
            right[book.provider, book.id, payment.period[0] if payment.period else None].append(key)
    given: dict[Key, tuple[Any, ...]] = {(row[0], row[1]): row[2:] for row in _rows(_GRANTS)}
    for (provider, _checkout, _slot), keys in right.items():
        outcome.add(0, "plans", provider, "")
        held = [key for key in keys if key in given]
        if len(held) != 1:
            yield f"{provider} {', '.join(key[1] for key in keys)}: {len(held)} plans, 1 was paid for"
    allowed = {key for keys in right.values() for key in keys}
    for key, (customer, plan, starts_at, until) in given.items():
        outcome.add(1, "plans", key[0], "")
        if key not in allowed:
            yield f"{key[0]} {key[1]}: {customer} has {plan}, which nobody paid for"
            continue
        book, payment = booked[key]
        if (customer, plan) != (book.customer, book.plan):
            yield f"{key[0]} {key[1]}: given to {customer} as {plan}, paid by {book.customer} for {book.plan}"
        yield from _length(key, payment, plan, (starts_at, until))
    yield from _overlaps(given)


def _earns(book: BookedCheckout, payment: BookedPayment) -> bool:
    return payment.stands and bool(book.customer) and (payment.amount, payment.currency) == (book.amount, book.currency)


def _length(key: Key, payment: BookedPayment, plan: str, span: tuple[datetime, datetime]) -> Iterator[str]:
    """Moments come from the providers in whole seconds at the coarsest."""
    starts_at, until = span
    if payment.period:
        if any(abs(ours - theirs) >= timedelta(seconds=1) for ours, theirs in zip(span, payment.period, strict=True)):
            yield f"{key[0]} {key[1]}: given from {starts_at} until {until}, paid for {payment.period[0]} until {payment.period[1]}"
    elif until - starts_at != timedelta(days=PLANS[plan][1]) or starts_at < payment.at - timedelta(seconds=1):
        yield f"{key[0]} {key[1]}: given from {starts_at} until {until}, paid {payment.at} for {PLANS[plan][1]} days"


def _overlaps(given: dict[Key, tuple[Any, ...]]) -> Iterator[str]:
    """Time that is paid for twice is given one after the other."""
    spans: dict[tuple[str, str], list[tuple[datetime, datetime]]] = defaultdict(list)
    for customer, plan, starts_at, until in given.values():
        spans[customer, plan].append((starts_at, until))
    for (customer, plan), found in spans.items():
        found.sort()
        if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
            yield f"{customer}: {plan} twice at the same time"


def _checkouts(world: World) -> Iterator[str]:
    books = (*world.stripe.books.checkouts.values(), *world.mercadopago.books.checkouts.values())
    wanted = {
        book.reference for book in books if book.reference.startswith("chk_") and any(one.state == "approved" for one in book.payments.values())
    }
    here = {row[0] for row in _rows(_PAID_CHECKOUTS)}
    yield from (f"{reference}: paid at the provider, not here" for reference in sorted(wanted - here))
    yield from (f"{reference}: paid here, not at the provider" for reference in sorted(here - wanted))


def _product(world: World, booked: dict[Key, tuple[BookedCheckout, BookedPayment]]) -> Iterator[str]:
    """The product has heard the last word about every customer, and believes that those have a plan who paid for one."""
    earned = {book.customer for book, payment in booked.values() if _earns(book, payment)}
    told = {customer: (version, is_confirmed) for customer, version, is_confirmed in _rows(_TOLD)}
    for customer, (version, is_confirmed) in told.items():
        known = world.product.customers.get(customer, {})
        if not is_confirmed or known.get("version") != version:
            yield f"{customer}: the product has version {known.get('version')}, the last one is {version}"
    for customer in earned | set(told):
        if bool(world.product.customers.get(customer, {}).get("plan")) != (customer in earned):
            yield f"{customer}: the product believes {world.product.customers.get(customer, {}).get('plan')}, {'a plan' if customer in earned else 'none'} is paid for"


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def table(outcome: Outcome) -> list[str]:
    """For a terminal: what the books have, what the portal has, and whether that is the same."""
    lines = [f"{'':<14}{'provider':<13}{'':<5}{'books':>18}{'portal':>18}"]
    for (what, provider, currency), (books, portal) in sorted(outcome.sums.items()):
        shown = [f"{number / 100:,.2f}" if what not in ("payments", "plans") else f"{number:,}" for number in (books, portal)]
        lines.append(f"{what:<14}{provider:<13}{currency:<5}{shown[0]:>18}{shown[1]:>18}  {'same' if books == portal else 'DIFFERS'}")
    kinds = Counter(line.partition(": ")[2][:40] for line in outcome.differences)
    if outcome.differences:
        lines += ["", f"{len(outcome.differences)} differences, of {len(kinds)} kinds at most; the first of them:", *outcome.differences[:20]]
    return lines
