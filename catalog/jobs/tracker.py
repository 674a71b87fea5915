"""The price tracker: what the stores' pages say now."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.actions.risk import recalculate
from catalog.models import Offer, Status
from catalog.tracking.looking import Round, with_stores
from catalog.tracking.writing import Finding, Outcome, write_findings
from jobs.job import Batch, Item, Job
from jobs.schedule import Every
from opsportal import clock

# An offer is looked at once in so long, however often the job is started.
PAUSE = timedelta(minutes=30)
# Seconds kept back for reading and writing what was fetched.
RESERVE = 3.0
# The network's faults and the store's, not the offer's: worth another try soon. If nothing else comes back, the run has failed.
PASSING = frozenset({"timeout", "unreachable", "too_many", "robots_unreachable"})


class PriceTracker(Job):
    """No cursor is needed: whatever was looked at is not due any more."""

    name = "price-tracker"
    title = _("Price tracker")
    help = _(
        "Looks up the prices of the active offers at their stores and keeps their history. A price a person has set stays; a price that jumped waits for a person."
    )
    switch = "ENABLE_PRICE_TRACKER"
    schedule = Every(3600)
    # A person may start it in between; an offer is not looked at twice within the pause.
    min_interval = 60
    rewinds = False

    def __init__(self) -> None:
        self._round = Round()

    def begin(self) -> None:
        self._round = Round()

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        return [Item(str(offer.pk), offer, cursor=0) for offer in self._round.next_due(limit, not_since=clock.now() - PAUSE)]

    def again(self, keys: Sequence[str]) -> Sequence[Item]:
        offers = Offer.objects.filter(pk__in=[int(key) for key in keys], status=Status.ACTIVE, store__is_active=True)
        return [Item(str(offer.pk), offer) for offer in with_stores(offers)]

    def fetch(self, batch: Batch) -> dict[int, Finding]:
        found = self._round.look([item.value for item in batch.items], seconds=max(0.1, batch.deadline.left - RESERVE))
        self._round.forget_feeds_without_time()
        assert isinstance(batch.items, list)
        put_off = [item for item in batch.items if item.value.pk not in found and item.value.store_id in self._round.spent]
        if put_off:
            slow = ", ".join(sorted({item.value.store.key for item in put_off}))
            batch.log(f"{len(put_off)} not reached ({slow}): a store has a share of the time, and the others come first.")
            batch.items[:] = [item for item in batch.items if item not in put_off]
        # What there was no time for goes to the end: a batch that is not done in full is done up to a place.
        batch.items.sort(key=lambda item: item.value.pk not in found)
        return found

    def process(self, batch: Batch) -> None:
        findings = [batch.fetched[item.value.pk] for item in batch.items if item.value.pk in batch.fetched]
        written = write_findings(findings)
        recalculate([each.offer_id for each in written if each.outcome in (Outcome.CHANGED, Outcome.HELD)])
        for item in batch.items:
            finding = batch.fetched.get(item.value.pk)
            if finding and (finding.code in PASSING or finding.code.startswith("http_5")):
                batch.fail(item, finding.error)
        counts = Counter(each.outcome for each in written)
        batch.log(", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]) or "nothing")
        if len(findings) < len(batch.items):
            batch.log(f"{len(batch.items) - len(findings)} left for the next run: the time was over.")
            batch.only(len(findings))
