"""What people do with imports. Reading, applying and undoing take a while: here they are asked for, a worker does them."""

from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from catalog.action_types import CatalogAction
from catalog.actions.shown import needed
from catalog.models import Import, ImportRow
from catalog.tasks import work_on_import
from catalog.transfer.table import check_file
from opsportal import broker, clock
from opsportal.errors import Conflict, Invalid, NotFound

State = Import.State
DISCARDABLE = (State.READING, State.READY, State.FAILED)


@transaction.atomic
def upload_import(*, actor: Actor, kind: str, name: str, content: bytes) -> Import:
    """Keep the file, and have a worker plan what it would change. Nothing of the catalog changes. Raises Invalid (`unreadable_file`)."""
    if kind not in Import.Kind.values:
        raise Invalid(_("A file holds products or offers."), field="kind")
    name = name.replace("\x00", "").strip()[-200:] or "file"
    check_file(name, content)
    job = Import.objects.create(kind=kind, file_name=name, content=content, created_by=actor.label[:200], asked=_asked(actor))
    record(
        actor=actor, action_type=CatalogAction.UPLOAD_IMPORT, entity_type="import", entity_id=job.pk, entity_label=name,
        changes={"kind": (None, kind), "bytes": (None, len(content))},
    )  # fmt: skip
    _send(job.pk)
    return job


@transaction.atomic
def plan_import_again(*, actor: Actor, import_id: int) -> Import:
    """Compare the file anew with the catalog as it is now. Raises NotFound, Conflict."""
    job = _locked(import_id)
    if job.state not in (State.READY, State.UNDONE):
        raise Conflict(_("Only an import that waits to be applied, or was undone, is compared anew."), code="not_ready")
    return _ask(job, State.READING, CatalogAction.PLAN_IMPORT, actor)


@transaction.atomic
def apply_import(*, actor: Actor, import_id: int, reason: str) -> Import:
    """Have a worker write what the preview shows, all of it or nothing. What is written is recorded with it, thing by thing, in this actor's name.

    Raises NotFound, Invalid without a reason, Conflict (`not_ready`, `nothing_to_apply`).
    """
    reason, job = needed(reason), _locked(import_id)
    if job.state != State.READY:
        raise Conflict(_("This import is %(state)s: there is nothing to apply.") % {"state": job.get_state_display()}, code="not_ready")
    if not job.new + job.changed:
        raise Conflict(_("The file would change nothing."), code="nothing_to_apply")
    return _ask(job, State.APPLYING, CatalogAction.APPLY_IMPORT, actor, reason=reason)


@transaction.atomic
def undo_import(*, actor: Actor, import_id: int, reason: str, partly: bool = False) -> Import:
    """Have a worker restore what was before, and archive what was new. `partly`: leave rows alone that were changed since, instead of refusing.

    What is written is recorded with it, thing by thing, in this actor's name. Raises NotFound, Invalid without a reason, Conflict (`not_applied`).
    """
    reason, job = needed(reason), _locked(import_id)
    if job.state != State.APPLIED:
        raise Conflict(_("This import is %(state)s: there is nothing to undo.") % {"state": job.get_state_display()}, code="not_applied")
    return _ask(job, State.UNDOING, CatalogAction.UNDO_IMPORT, actor, reason=reason, partly=partly)


@transaction.atomic
def discard_import(*, actor: Actor, import_id: int) -> Import:
    """Put it away without applying it; the file and its rows are removed. Raises NotFound, Conflict (`not_discardable`)."""
    job = _locked(import_id)
    if job.state not in DISCARDABLE:
        raise Conflict(_("This import is %(state)s: it can't be discarded.") % {"state": job.get_state_display()}, code="not_discardable")
    before, job.state, job.content = job.state, State.DISCARDED, b""
    job.save(update_fields=["state", "content"])
    ImportRow.objects.filter(job=job).delete()
    record(
        actor=actor, action_type=CatalogAction.DISCARD_IMPORT, entity_type="import", entity_id=job.pk, entity_label=job.file_name,
        changes={"state": (before, job.state)},
    )  # fmt: skip
    return job


def _locked(import_id: int) -> Import:
    """Raises NotFound, and Conflict while a worker writes it."""
    job = Import.objects.defer("content").select_for_update(skip_locked=True, no_key=True).filter(pk=import_id).first()
    if job is None and Import.objects.filter(pk=import_id).exists():
        raise Conflict(_("Somebody works on this import at this very moment. Look at it again."), code="busy")
    if job is None:
        raise NotFound(_("There is no such import."))
    return job


def _ask(job: Import, state: State, action: CatalogAction, actor: Actor, **more: Any) -> Import:
    before, job.state, job.heartbeat_at, job.error, job.asked = job.state, state, None, "", _asked(actor, **more)
    job.save(update_fields=["state", "heartbeat_at", "error", "asked"])
    record(
        actor=actor, action_type=action, entity_type="import", entity_id=job.pk, entity_label=job.file_name, reason=more.get("reason", ""),
        changes={"state": (before, state)},
    )  # fmt: skip
    _send(job.pk)
    return job


def _asked(actor: Actor, **more: Any) -> dict[str, Any]:
    """In whose name a worker acts, and in which language it speaks."""
    context = structlog.contextvars.get_contextvars()
    known = {"kind": str(actor.kind), "id": actor.id, "label": actor.label, "language": get_language() or ""}
    return {**known, "request_id": str(context.get("request_id", "")), "ip": context.get("ip") or "", "at": clock.now().isoformat(), **more}


def _send(import_id: int) -> None:
    transaction.on_commit(lambda: broker.send(work_on_import, import_id))
