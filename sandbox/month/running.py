"""Running the month: what happens outside, what of it reaches the portal, and what the portal does about it."""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.test import Client
from django.test.utils import override_settings

from audit.actors import Actor
from billing.actions.checkout import NewCheckout, link_checkout, record_checkout
from billing.models import Plan, Watermark, WebhookEvent
from billing.processing.claiming import due_pks
from billing.processing.working import process_event
from billing.states import EventState, ProviderName
from jobs import registry
from jobs.deadline import Deadline
from jobs.job import Batch
from notify.actions import deliver_due
from notify.models import Message, State
from opsportal import clock
from sandbox.month.script import HOUR, OVER_WITHIN, PLANS, Buyer, Script, Story
from sandbox.month.ticking import Ticker, everybodys
from sandbox.providers.sending import Faults, Sender
from sandbox.providers.world import World

ACTOR = Actor.system("sandbox month")
PORTAL = "http://portal.example"
FAULTS = Faults(lost=0.03, twice=0.1, late=0.1, forged=0.02, is_shuffled=True, rounds=4)
# How long after the last happening it may take until nothing is owed any more.
MOST_ROUNDS_AFTER = 20
AT_ONCE = 1000

Said = Callable[[str], None]


@dataclass
class Portal:
    """The way in: its own view, in this process. `is_down`: it answers 503 to everybody."""

    is_down: bool = False
    statuses: Counter[int] = field(default_factory=Counter)
    client: Client = field(default_factory=Client)

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        status = 503 if self.is_down else self._answer(url, body, headers)
        self.statuses[status] += 1
        return status

    def _answer(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        rest = {name: value for name, value in headers.items() if name != "Content-Type"}
        return self.client.post(url.removeprefix(PORTAL), body, content_type=headers["Content-Type"], headers=rest).status_code


@dataclass
class Month:
    """`step`: between two rounds of the portal's work. `took`: how many of what it has done."""

    checkouts: int
    seed: int
    started_at: datetime
    world: World
    portal: Portal
    ticker: Ticker
    step: timedelta
    chance: random.Random
    took: Counter[str] = field(default_factory=Counter)
    rounds: int = 0

    @classmethod
    def new(cls, checkouts: int, seed: int, *, step: timedelta = timedelta(hours=6)) -> "Month":
        started_at = clock.now().replace(microsecond=0)
        ticker, portal = Ticker(started_at), Portal()
        world = World.new(portal=PORTAL, seed=seed, now=ticker, sender=Sender(portal.post, faults=FAULTS, seed=seed))
        # Mercado Pago's signatures are checked against the portal's clock; Stripe's library asks the machine's.
        world.mercadopago.signs_at = lambda: ticker().timestamp()
        world.stripe.trouble.timeout = world.mercadopago.trouble.timeout = 0.05
        return cls(checkouts, seed, started_at, world, portal, ticker, step, random.Random(seed + 1))  # noqa: S311

    def run(self, say: Said = lambda line: None) -> None:
        """Until nothing is owed. Raises RuntimeError when that does not come."""
        with self._there():
            self._begin()
            acts = self._acts()
            end = self.started_at + timedelta(seconds=OVER_WITHIN)
            while acts or self.ticker() < end:
                self._happen(acts, self.started_at + (self.rounds + 1) * self.step)
                self._work()
                if self.rounds % 8 == 0:
                    say(
                        f"day {(self.rounds * self.step).days:>2}: {self.took['events']} events processed, {len(self.world.sender.waiting)} on their way"
                    )
            self.world.sender.faults = Faults()
            self._calm_down(say)

    @contextmanager
    def _there(self) -> Iterator[None]:
        keys = self.world.keys
        with ExitStack() as stack:
            base = stack.enter_context(self.world.served())
            stack.enter_context(
                override_settings(
                    STRIPE_SECRET_KEY=keys.stripe_key, STRIPE_WEBHOOK_SECRET=keys.stripe_secret, STRIPE_API_BASE=f"{base}/stripe",
                    MERCADOPAGO_ACCESS_TOKEN=keys.mercadopago_token, MERCADOPAGO_WEBHOOK_SECRET=keys.mercadopago_secret,
                    MERCADOPAGO_API_BASE=f"{base}/mercadopago", PRODUCT_BACKEND_URL=f"{base}/product", APP_BACKEND_SECRET=keys.product_secret,
                    OPS_RECONCILE_AUTOMATICALLY=True, OPS_RECONCILE_MOST=1000,
                )
            )  # fmt: skip
            stack.enter_context(everybodys(self.ticker))
            yield

    def _begin(self) -> None:
        Plan.objects.bulk_create(
            Plan(key=key, name=key.title(), amount=amount, currency="BRL", days=days, rank=rank) for key, (amount, days, rank) in PLANS.items()
        )
        Watermark.objects.bulk_create(Watermark(provider=name, read_until=self.started_at) for name in ProviderName.values)

    def _acts(self) -> "Acts":
        """Each checkout's beginning; what follows is put in between as it goes."""
        acts = Acts()
        for seconds, one, story in Script(self.world, self.seed, self.checkouts).buyers():
            acts.put(self.started_at + timedelta(seconds=seconds), self._told(one, story))
        return acts

    def _told(self, one: Buyer, story: Story) -> Iterator[float]:
        """A buyer's story with what the product tells the portal: mostly at once, sometimes late, and of some customers only afterwards."""
        one.start()
        is_late, is_named_late = one.chance.random() < 0.03, one.chance.random() < 0.1
        if one.is_ours and not is_late:
            self._record(one, "" if is_named_late else one.customer)
        yield one.soon()
        yield from story
        if one.is_ours and (is_late or (is_named_late and one.customer)):
            yield one.chance.uniform(30, 10 * HOUR)
            if is_late:
                self._record(one, one.customer)
            else:
                link_checkout(actor=ACTOR, checkout_id=one.reference, customer_key=one.customer)

    def _record(self, one: Buyer, customer: str) -> None:
        now = clock.now()
        said = NewCheckout(
            checkout_id=one.reference, provider=one.provider.name, amount=one.amount, currency="BRL", plan=one.plan, customer_key=customer, email=one.email,
            session_id=one.checkout, created_at=now, expires_at=now + timedelta(days=1),
        )  # fmt: skip
        record_checkout(actor=ACTOR, checkout=said)

    def _happen(self, acts: "Acts", until: datetime) -> None:
        while acts and acts.first <= until:
            at, story = acts.take()
            self.ticker.go_to(at)
            if (delay := next(story, None)) is not None:
                acts.put(self.ticker() + timedelta(seconds=delay), story)
        self.ticker.go_to(until)
        self.rounds += 1

    def _work(self) -> None:
        """One round of the portal's own: intake, processing, the outbox; the sweep in every other one. Each may have a bad time."""
        world, chance = self.world, self.chance
        self.portal.is_down = chance.random() < 0.05
        for provider in (world.stripe, world.mercadopago):
            provider.trouble.share = 0.5 if chance.random() < 0.08 else 0.01
        world.product.fail_next.clear()
        if chance.random() < 0.1:
            world.product.fail(503, calls=20)
        world.sender.deliver()
        self._process()
        if self.rounds % 2 == 0:
            self._sweep()
            self._process()
        self.took["callbacks"] += deliver_due(limit=AT_ONCE).sent

    def _process(self) -> None:
        while due := due_pks(AT_ONCE):
            for event_pk in due:
                if process_event(event_pk) == EventState.DONE:
                    self.took["events"] += 1

    def _sweep(self) -> None:
        """The job's own steps, without the engine: each item outside a transaction, then within one."""
        job, cursor = registry.get("billing-sweep"), None
        while items := job.next_items(cursor, AT_ONCE):
            for item in items:
                batch = Batch([item], Deadline(3600))
                batch.fetched = job.fetch(batch)
                with transaction.atomic():
                    job.process(batch)
                cursor = item.after
            if len(items) < AT_ONCE:
                break
        self.took["sweeps"] += 1

    def _calm_down(self, say: Said) -> None:
        """Nothing happens any more and everybody answers: rounds until nothing is owed."""
        world = self.world
        self.portal.is_down = False
        world.product.fail_next.clear()
        world.stripe.trouble.over()
        world.mercadopago.trouble.over()
        for number in range(MOST_ROUNDS_AFTER):
            before = self._owed()
            world.sender.deliver_all()
            self._process()
            self._sweep()
            self._process()
            self.took["callbacks"] += deliver_due(limit=100 * AT_ONCE).sent
            if not any(before.values()) and not any(self._owed().values()):
                say(f"quiet after {number + 1} rounds")
                return
            self.ticker.go_to(self.ticker() + timedelta(hours=6))
        raise RuntimeError(f"It does not become quiet: {self._owed()}")

    def _owed(self) -> dict[str, int]:
        return {
            "webhooks on their way": len(self.world.sender.waiting),
            "events not processed": WebhookEvent.objects.exclude(state=EventState.DONE).count(),
            "callbacks not delivered": Message.objects.exclude(state=State.SENT).count(),
        }


class Acts:
    """By their moments."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Iterator[float]]] = []
        self._number = 0

    def __bool__(self) -> bool:
        return bool(self._heap)

    @property
    def first(self) -> datetime:
        return self._heap[0][0]

    def put(self, at: datetime, story: Iterator[float]) -> None:
        self._number += 1
        heapq.heappush(self._heap, (at, self._number, story))

    def take(self) -> tuple[datetime, Iterator[float]]:
        at, _number, story = heapq.heappop(self._heap)
        return at, story
