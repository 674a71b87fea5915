"""The job “billing-sweep”: each part is an item and a batch of its own, so that what one locks is free before the next begins."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.models import Checkout, Finding
from billing.queries.finding import last_looked, open_findings_summary
from billing.sweeping import CHANGED, EVERYTHING, JOB, asking, catching_up, fixing
from billing.sweeping.mismatches import Looked, look_at_changed, look_at_everything
from jobs.job import Batch, Item, Job
from jobs.schedule import Every
from opsportal import clock

# All of it once a day; a little less, so that it does not come later from day to day.
A_DAY = timedelta(hours=23, minutes=50)
# Checkouts that the providers are asked about in a run, one after the other.
MOST_ASKED = 40
# Seconds kept back for writing what was listed.
RESERVE = 10.0
# In this order; an item's key is its part, and what of it: “catching up stripe”.
CATCH_UP, ASK, MEND, SUM_UP = "catching up", "asking about", "mending", "summing up"


class BillingSweep(Job):
    """The cursor is [part, how far within it …]: what one run has no time for, the next one begins with. A run that came to its end
    leaves SUM_UP behind, and so the next one begins by looking."""

    name = JOB
    title = _("Billing sweep")
    help = _(
        "Looks for mismatches between checkouts, payments, plans and webhook events; asks the providers what nobody told; catches up with lost events."
    )
    switch = "ENABLE_BILLING_SWEEP"
    schedule = Every(15 * 60)
    # A person may start it in between.
    min_interval = 60
    batch_size = 1
    # All of it is one statement, however much there is.
    time_guard = 120
    lease = 180
    max_batches = 2 + 2 + MOST_ASKED + 1000 + 1

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        return list(islice(_behind(cursor), limit))

    def again(self, keys: Sequence[str]) -> Sequence[Item]:
        """None: what failed is due by its own time."""
        return []

    def fetch(self, batch: Batch) -> Any:
        """Whatever waits for the outside. A mended finding is written by its own acts: they ask, lock, and refuse if anything moved."""
        item, left = batch.items[0], batch.deadline
        match item.value:
            case Checkout() as checkout:
                return asking.ask(checkout)
            case Finding() as finding:
                return fixing.mend(finding)
            case str() as source:
                return catching_up.read_list(source, lambda: left.left > RESERVE)
        return None

    def process(self, batch: Batch) -> None:
        item = batch.items[0]
        match item.value:
            case Checkout() as checkout:
                _take_over(batch, item, checkout)
            case Finding():
                _note(batch, item)
            case str():
                _keep(batch, item)
            case _ if item.key == SUM_UP:
                _sum_up(batch)
            case _:
                _look(batch, item.key)


def _behind(cursor: Any) -> Iterator[Item]:
    """The parts behind the cursor in their order; the items of each are found when its turn comes."""
    part, *place = cursor if isinstance(cursor, list) else [cursor]
    if part is None:
        yield Item(CHANGED, cursor=CHANGED)
    # Behind what changed: should all of it take too long one day, that is still found.
    if part in (None, CHANGED) and _everything_is_due():
        yield Item(EVERYTHING, cursor=EVERYTHING)
    if part in (None, EVERYTHING, CHANGED, CATCH_UP):
        for number, source in list(enumerate(catching_up.sources(), 1))[place[0] if part == CATCH_UP else 0 :]:
            yield Item(f"{CATCH_UP} {source}", source, [CATCH_UP, number])
    if part not in (MEND, SUM_UP):
        yield from _to_ask(*place if part == ASK else ())
    if part != SUM_UP:
        yield from _to_mend(*place if part == MEND else ())
        yield Item(SUM_UP, cursor=[SUM_UP])


def _to_ask(done: int = 0, at: str = "", pk: int = 0) -> Iterator[Item]:
    """Each once in a run, also one that can't be settled and so stays due."""
    for checkout in asking.due(MOST_ASKED - done, (datetime.fromisoformat(at), pk) if at else None):
        done += 1
        yield Item(f"{ASK} {checkout.checkout_id}", checkout, [ASK, done, checkout.ask_at.isoformat() if checkout.ask_at else "", checkout.pk])


def _to_mend(done: int = 0, pk: int = 0) -> Iterator[Item]:
    for finding in fixing.mendable(settings.OPS_RECONCILE_MOST - done, after=pk):
        done += 1
        yield Item(f"{MEND} {finding.pk}", finding, [MEND, done, finding.pk])


def _everything_is_due() -> bool:
    at = last_looked().everything_at
    return at is None or at < clock.now() - A_DAY


def _look(batch: Batch, what: str) -> None:
    looked = look_at_everything() if what == EVERYTHING else look_at_changed(lambda: batch.deadline.left > batch.deadline.seconds / 2)
    asking.put_in_order()
    batch.log(_said(what, looked))


def _said(what: str, looked: Looked) -> str:
    at = "Everything" if what == EVERYTHING else "What changed"
    return f"{at} was looked at, {looked.marked} checkouts had changed: {looked.opened} findings opened, {looked.closed} closed."


def _sum_up(batch: Batch) -> None:
    summary = open_findings_summary()
    batch.log(
        f"{summary.count} findings are open, {summary.handled} more are handled. {'' if fixing.is_on() else 'Nothing is mended without a person.'}"
    )


def _keep(batch: Batch, item: Item) -> None:
    caught = catching_up.keep(batch.fetched)
    batch.log(f"{item.value}: {caught.listed} changes listed, {caught.new} of them had never come; read until {caught.until:%Y-%m-%d %H:%M:%S} UTC.")
    if caught.error:
        batch.fail(item, caught.error)


def _take_over(batch: Batch, item: Item, checkout: Checkout) -> None:
    effect = asking.take_over(checkout, batch.fetched)
    if effect is None:
        batch.fail(item, str(batch.fetched.error))
    else:
        batch.log(f"{checkout.checkout_id}: {effect.kind} {effect.reason or ''}".strip())


def _note(batch: Batch, item: Item) -> None:
    fixing.note(batch.fetched)
    if batch.fetched.error:
        batch.fail(item, batch.fetched.error)
    else:
        batch.log(f"{item.value.kind} {item.value.subject}: mended.")
