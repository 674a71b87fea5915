"""Apply and undo: the worker's part. The import's own row, locked until the end, lets one process do it once; a process that dies takes
its transaction with it, and whoever comes next begins anew."""

import logging

import structlog
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.actions import record
from audit.actors import Actor, ActorKind
from catalog.action_types import CatalogAction
from catalog.models import Import, ImportRow, Offer, Status
from catalog.transfer.work import WHY
from catalog.transfer.writing import Writing
from opsportal import clock

log = logging.getLogger(__name__)
State = Import.State
# What an import is while a worker is at it, what it is after, and what it was before.
STEPS = {State.APPLYING: (State.APPLIED, State.READY), State.UNDOING: (State.UNDONE, State.APPLIED)}
RISK_AT_ONCE = 1000
LISTED = 5


def carry_out(import_id: int) -> bool:
    """Apply or undo it, as it was asked for. Returns False where there was nothing to do, or another process does it."""
    if not _sign_of_life(import_id):
        return False
    job = Import.objects.defer("content").get(pk=import_id)
    asked = job.asked
    with (
        translation.override(asked.get("language") or None),
        structlog.contextvars.bound_contextvars(request_id=asked.get("request_id", ""), ip=asked.get("ip") or ""),
    ):
        try:
            return _in_one_go(import_id)
        except IntegrityError as error:
            log.warning("import %s met another writer: %s", import_id, error)
            _give_back(import_id, _("At that very moment somebody else wrote one of the same products or offers. Nothing was written. Try it again."))
            return True


def _sign_of_life(import_id: int) -> bool:
    """The sweep leaves it alone for a while. False when it is done, or being done."""
    with transaction.atomic():
        free = Import.objects.filter(pk=import_id, state__in=STEPS).select_for_update(skip_locked=True, no_key=True)
        if free.only("pk").first() is None:
            return False
        Import.objects.filter(pk=import_id).update(heartbeat_at=clock.now())
    return True


class _InTheWay(Exception):
    """Rows moved: all of it is rolled back, and the text stays."""


def _in_one_go(import_id: int) -> bool:
    try:
        with transaction.atomic():
            job = Import.objects.filter(pk=import_id, state__in=STEPS).select_for_update(skip_locked=True, no_key=True).defer("content").first()
            if job is None:
                return False
            _write(job)
    except _InTheWay as reason:
        _give_back(import_id, str(reason))
        return True
    _calculate_risk(job)
    return True


def _write(job: Import) -> None:
    actor = Actor(ActorKind(job.asked["kind"]), job.asked["id"], job.asked["label"])
    undo = job.state == State.UNDOING
    writing = Writing(job, undo=undo)
    writing.prepare()
    in_the_way = writing.conflicts()
    if in_the_way and not (undo and job.asked.get("partly")):
        raise _InTheWay(_in_words(in_the_way))
    if in_the_way:
        writing.leave_out([number for number, _why in in_the_way])
        _note(job, in_the_way)
    written = writing.write(actor, job.asked["reason"])
    before, job.state, job.error, now = job.state, STEPS[State(job.state)][0], "", clock.now()
    if undo:
        job.undone_at, job.undone_by = now, actor.label[:200]
    else:
        job.applied_at, job.applied_by, job.reason = now, actor.label[:200], job.asked["reason"]
    job.heartbeat_at = now
    job.save(update_fields=["state", "error", "undone_at", "undone_by", "applied_at", "applied_by", "reason", "heartbeat_at"])
    record(
        actor=actor, action_type=CatalogAction.UNDO_IMPORT if undo else CatalogAction.APPLY_IMPORT, entity_type="import", entity_id=job.pk,
        entity_label=job.file_name, reason=job.asked["reason"],
        changes={"state": (before, job.state), job.kind: (0, written)} | ({"left_as_they_are": (0, len(in_the_way))} if in_the_way else {}),
    )  # fmt: skip


def _in_words(in_the_way: list[tuple[int, str]]) -> str:
    lines = ", ".join(f"{number} ({WHY[why]})" for number, why in in_the_way[:LISTED]) + (" …" if len(in_the_way) > LISTED else "")
    text = ngettext("Nothing was written: %(count)s row is not any more as it was shown, line %(lines)s.", "Nothing was written: %(count)s rows are not any more as they were shown, lines %(lines)s.", len(in_the_way))  # fmt: skip
    return text % {"count": len(in_the_way), "lines": lines}


def _note(job: Import, in_the_way: list[tuple[int, str]]) -> None:
    """Which rows an undo left alone, and why."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_import_rows r SET problem = v.why FROM unnest(%s::int[], %s::text[]) AS v (number, why) WHERE r.import_id = %s AND r.number = v.number",
            [[number for number, _why in in_the_way], [str(WHY[why]) for _number, why in in_the_way], job.pk],
        )


def _give_back(import_id: int, error: str) -> None:
    for now, (_after, before) in STEPS.items():
        Import.objects.filter(pk=import_id, state=now).update(state=before, error=error)


def _calculate_risk(job: Import) -> None:
    """Of the offers it touched, a batch at a time, each in a transaction of its own. What a killed worker leaves, the risk job does."""
    from catalog.actions.risk import recalculate

    rows = ImportRow.objects.filter(job=job, effect__in=[ImportRow.Effect.NEW, ImportRow.Effect.CHANGED])
    if job.kind == Import.Kind.OFFERS:
        touched = sorted(pk for pk in rows.values_list("target_id", flat=True) if pk)
    else:
        # Of a product only its coming back changes what is known of its offers.
        back = rows.filter(after__has_key="status").values("target_id")
        touched = sorted(Offer.objects.filter(product_id__in=back, status=Status.ACTIVE).values_list("pk", flat=True))
    for start in range(0, len(touched), RISK_AT_ONCE):
        with transaction.atomic():
            recalculate(touched[start : start + RISK_AT_ONCE])
