"""From the file to the plan, chunk by chunk. Each chunk is one transaction that also proves that the import is still this process's."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.models import Import, ImportRow
from catalog.transfer.columns import places
from catalog.transfer.plan_offers import OfferPlanner
from catalog.transfer.plan_products import ProductPlanner
from catalog.transfer.planning import Line, Planner
from catalog.transfer.table import Row, Unreadable, open_table
from opsportal import clock

log = logging.getLogger(__name__)
CHUNK = 1000
SILENT = timedelta(minutes=2)
# A file that ends the process that reads it is not given to a fourth one.
MOST_TRIES = 3
State = Import.State


class Lost(Exception):
    """Somebody else has it by now, or it was discarded: nothing of this process's counts any more."""


def read_import(import_id: int) -> bool:
    """Plan the file's rows. Returns False where there was nothing to do: another process is at it, or it is read already."""
    job = _claim(import_id)
    if job is None:
        return False
    with translation.override(job.asked.get("language") or None):
        try:
            _read(job)
        except Unreadable as error:
            _fail(job, str(error))
        except Lost:
            log.info("import %s is in other hands", import_id)
            return False
    return True


def _claim(import_id: int) -> Import | None:
    """Take it, if nobody has it or whoever has it has been silent for long. Starts at the beginning."""
    now = clock.now()
    with transaction.atomic():
        free = Import.objects.filter(Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - SILENT), pk=import_id, state=State.READING)
        job = free.select_for_update(skip_locked=True).first()
        if job is None:
            return None
        job.asked["tries"] = job.asked.get("tries", 0) + 1
        job.heartbeat_at, job.rows_read, job.rows_total = now, 0, None
        job.new = job.changed = job.unchanged = job.refused = 0
        if job.asked["tries"] > MOST_TRIES:
            with translation.override(job.asked.get("language") or None):
                job.state, job.error = State.FAILED, _("Reading it ended the process that did it, several times. Save the file anew, or split it.")
        job.save(update_fields=["asked", "heartbeat_at", "rows_read", "rows_total", "new", "changed", "unchanged", "refused", "state", "error"])
        ImportRow.objects.filter(job=job).delete()
    return job if job.state == State.READING else None


def _read(job: Import) -> None:
    table = open_table(job.kind, job.file_name, bytes(job.content))
    rows = iter(table.rows)
    _number, heading = next(rows, (0, []))
    columns = places(job.kind, heading)
    if not table.total:
        raise Unreadable(_("Below its headings the file has no rows."))
    _advance(job, rows_total=table.total, read_as=table.read_as[:100])
    planner: Planner = ProductPlanner(table.broken) if job.kind == Import.Kind.PRODUCTS else OfferPlanner(table.broken)
    lines = _lines(rows, columns)
    while chunk := list(islice(lines, CHUNK)):
        with transaction.atomic():
            planned = planner.plan(chunk, job)
            ImportRow.objects.bulk_create(planned)
            counts = Counter(str(row.effect) for row in planned)
            sums = {effect: getattr(job, effect) + counts[effect] for effect in ImportRow.Effect.values}
            _advance(job, rows_read=job.rows_read + len(chunk), **sums)
    _advance(job, state=State.READY, rows_total=job.rows_read)


def _lines(rows: Iterator[tuple[int, Row]], columns: dict[str, int]) -> Iterator[Line]:
    for number, row in rows:
        yield Line(number, {name: row[place] if place < len(row) else "" for name, place in columns.items()})


def _advance(job: Import, **values: Any) -> None:
    """Write it down with a sign of life, only if the last sign of life was ours. Raises Lost."""
    now = clock.now()
    ours = Import.objects.filter(pk=job.pk, state=State.READING, heartbeat_at=job.heartbeat_at)
    if not ours.update(heartbeat_at=now, **values):
        raise Lost
    for name, value in {"heartbeat_at": now, **values}.items():
        setattr(job, name, value)


def _fail(job: Import, error: str) -> None:
    with transaction.atomic():
        ours = Import.objects.filter(pk=job.pk, state=State.READING, heartbeat_at=job.heartbeat_at)
        if ours.update(state=State.FAILED, error=error, heartbeat_at=clock.now()):
            ImportRow.objects.filter(job=job).delete()
