"""A sample probe on the product's feed: fast, but for a slow half hour and one failure that followed it."""

from datetime import datetime, timedelta

from health.actions import create_probe
from health.models import Fault, Probe, ProbeFlip, ProbeResult, Standing
from health.probing.checking import Terms
from health.probing.expecting import Step
from health.probing.keeping import roll_up
from sandbox.diary import Diary
from sandbox.shops.assortment import SHOPS
from sandbox.shops.chance import between

EVERY = timedelta(minutes=5)
# So long ago it was slow for half an hour; so long ago one look failed.
SLOW, FAILED = timedelta(hours=11), timedelta(hours=10, minutes=25)
FACTS = {"status": 503, "expected": "200-299"}


def load(diary: Diary, shops: str) -> Probe:
    """A probe that watches the feed, at the sample shops' address, with its results since the day before the program: always the same ones."""
    with diary.on(0, "11:30"):
        feed = create_probe(
            actor=diary.people["diego"], terms=Terms("Product feed", "Look at the product's host first, then at the last deployment.", watches_feed=True),
            steps=[Step("GET", f"{shops}/{SHOPS[0].key}/feed.json", contains="offers")], reason="The runbook wants it under 2 s.",
        )  # fmt: skip
    now, begun = diary.calendar.now, diary.calendar.at(0, "11:30")
    last = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    results = [_result(feed, last - EVERY * number, EVERY * number) for number in range((last - begun) // EVERY, -1, -1)]
    ProbeResult.objects.bulk_create(results)
    ProbeFlip.objects.bulk_create(_flips(feed, results))
    state = {"state": Standing.UP, "state_at": _since(results), "last_at": last, "last_ok": True, "last_ms": results[-1].ms, "turn": len(results)}
    Probe.objects.filter(pk=feed.pk).update(created_at=begun, due_at=last + EVERY, **state)
    while roll_up():
        pass
    return feed


def _result(probe: Probe, at: datetime, ago: timedelta) -> ProbeResult:
    number = ago // EVERY
    ms = round(between(380, 760, "load", number))
    if SLOW - timedelta(minutes=30) < ago <= SLOW:
        ms = round(between(2300, 3900, "slow", number))
    if ago == FAILED:
        return ProbeResult(
            probe=probe, at=at, ok=False, ms=ms, first_ms=ms - 40, status=503, size=62, fault=Fault.STATUS, facts=FACTS,
            excerpt="<html><title>503</title><body>upstream timed out</body></html>",
        )  # fmt: skip
    return ProbeResult(probe=probe, at=at, ok=True, is_slow=ms > probe.good_ms, ms=ms, first_ms=round(ms * 0.6), status=200, size=18_432)


def _flips(probe: Probe, results: list[ProbeResult]) -> list[ProbeFlip]:
    found, before = [], Standing.NEW
    for result in results:
        after = Standing.UP if result.ok else Standing.FAILING
        if after != before:
            found.append(ProbeFlip(probe=probe, at=result.at, before=before, after=after, fault=result.fault, facts=result.facts))
        before = after
    return found


def _since(results: list[ProbeResult]) -> datetime:
    """Since when it has been up."""
    failed = [number for number, result in enumerate(results) if not result.ok]
    return results[failed[-1] + 1 if failed else 0].at
