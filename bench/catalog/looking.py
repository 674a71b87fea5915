"""A whole run of the price tracker: 1,000 offers whose pages answer in 200 ms, within the time guard of 60 s."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from bench._database import ROOT, Database

OFFERS, LATENCY, GUARD = 1000, 0.2, 60


def run(database: Database, *, quick: bool) -> Iterator[tuple[bool, str]]:
    """Spread over five stores, and all at one: the settings a new store begins with."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # In a process of its own: the shops' threads must not take the tracker's turns.
    shops = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox_shops", "--port", str(port), "--latency", str(LATENCY)], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        assert shops.stdout is not None
        shops.stdout.readline()
        for stores in (5,) if quick else (5, 1):
            yield _whole_run(f"http://127.0.0.1:{port}", stores)
    finally:
        shops.terminate()
        shops.wait()


def _whole_run(url: str, stores: int) -> tuple[bool, str]:
    from django.utils import timezone

    from audit.actors import Actor
    from catalog.models import Offer, Price, Product, Store
    from jobs import registry
    from jobs.actions import request_run
    from jobs.engine.execution import execute
    from jobs.engine.standing import ensure_rows
    from jobs.models import Run, Schedule, Trigger
    from sandbox.shops.assortment import SHOPS, sold_by
    from sandbox.shops.server import path_of, quirk

    Offer.objects.update(status="archived")
    product = Product.objects.create(name="Everything")
    pages = [(shop, good) for shop in SHOPS[:stores] for good in sold_by(shop) if not quirk(shop, good)]
    kept = {shop.key: Store.objects.get_or_create(key=shop.key, defaults={"name": shop.name})[0] for shop, _ in pages}
    Offer.objects.bulk_create(
        Offer(product=product, store=kept[pages[n % len(pages)][0].key], url=f"{url}{path_of(*pages[n % len(pages)])}?n={stores}-{n}")
        for n in range(OFFERS)
    )
    ensure_rows([registry.get("price-tracker")])
    Schedule.objects.update(min_interval=0)
    asked = request_run(actor=Actor.system("bench"), job="price-tracker", trigger=Trigger.COMMAND)
    began, now = time.perf_counter(), timezone.now()
    execute(asked.pk)
    took, done = time.perf_counter() - began, Run.objects.get(pk=asked.pk)
    read = Offer.objects.filter(confirmed_at__gte=now).count()
    words = (
        f"tracker's run, {stores} stores: {read} of {OFFERS} pages of {LATENCY:g} s read, {Price.objects.count()} prices kept, {done.ended_because}"
    )
    return read == OFFERS and took < GUARD, f"{words}; {took / GUARD:.2f} × the guard of {GUARD} s, bar 1"
