from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from beta import blockers
from beta.action_types import BetaAction
from beta.models import Program
from beta.queries import locked_program
from opsportal.errors import Conflict, Invalid, Unavailable

WAIT_SECONDS = 8


def stop_signups(*, actor: Actor, reason: str = "") -> Program:
    """Nobody gets a seat in any transaction that reaches the gate after this one commits, by any path.

    Waits for the gate a second at most, then ends the backends that hold it; `ended_backends` says whom. Households keep
    their seats, invites stay as they are. Stopping again changes and records nothing. Raises Unavailable when the gate
    cannot be had at all.
    """
    with blockers.Watch() as watch:
        try:
            # Nothing that came along with the click may fail it: PostgreSQL stores no NUL.
            return _stop(actor, reason.replace("\x00", "").strip(), watch)
        except OperationalError as error:
            raise Unavailable(_not_locked(error, watch), code="stop_failed") from error


def _not_locked(error: OperationalError, watch: blockers.Watch) -> str:
    held_by = ", ".join("{user} ({application}, pid {pid})".format(**backend) for backend in watch.out_of_reach)
    if held_by:
        return _("The gate is held by %(who)s, and the portal may not end that connection. Ask a superuser of the database.") % {"who": held_by}
    return _("The gate could not be locked: %(why)s") % {"why": str(error).splitlines()[0]}


@transaction.atomic
def _stop(actor: Actor, reason: str, watch: blockers.Watch) -> Program:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
    program = locked_program()
    ended = watch.ended()
    if program.stopped_at:
        return program
    before = program.version
    program.stopped_by, program.stop_reason, program.ended_backends = actor.label, reason, ended
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        program.stopped_at = cursor.fetchone()[0]
    changes: dict[str, tuple[object, object]] = {"stopped_at": (None, program.stopped_at), "version": (before, before + 1)}
    if ended:
        changes["ended_backends"] = ([], ended)
    row = record(
        actor=actor,
        action_type=BetaAction.STOP_SIGNUPS,
        entity_type="program",
        entity_id=1,
        entity_label=program.name,
        reason=reason,
        changes=changes,
    )
    program.stop_audit_id = row.pk
    program.save(update_fields=["stopped_at", "stopped_by", "stop_reason", "ended_backends", "stop_audit_id"])
    program.refresh_from_db(fields=["version", "stop_version"])
    return program


@transaction.atomic
def explain_stop(*, actor: Actor, reason: str) -> Program:
    """Say why signups were stopped. Raises Conflict when they are not, Invalid without words."""
    reason = _needed(reason)
    program = locked_program()
    if not program.stopped_at:
        raise Conflict(_("Signups are not stopped any more."))
    before, program.stop_reason = program.stop_reason, reason
    program.save(update_fields=["stop_reason"])
    record(
        actor=actor, action_type=BetaAction.EXPLAIN_STOP, entity_type="program", entity_id=1, entity_label=program.name, reason=reason,
        changes={"stop_reason": (before or None, reason)},
    )  # fmt: skip
    return program


@transaction.atomic
def resume_signups(*, actor: Actor, reason: str) -> Program:
    """Let households sign up again; who was refused must try again by themselves.

    Does not outrank the environment: while this server's says BETA_SIGNUPS_PAUSED=true, raises Conflict. Another host
    that says so goes on refusing by itself, also after this. Raises Conflict when signups are open.
    """
    reason = _needed(reason)
    if settings.BETA_SIGNUPS_PAUSED:
        raise Conflict(_("The environment variable BETA_SIGNUPS_PAUSED holds the stop on this server. Take it away and restart, then resume."))
    program = locked_program()
    if not program.is_stopped:
        raise Conflict(_("Signups are open already."))
    changes: Changes = {
        "stopped_at": (program.stopped_at, None),
        "stop_version": (program.stop_version, None),
        "stopped_by": (program.stopped_by, None),
        "stop_reason": (program.stop_reason or None, None),
        "env_stops": (program.env_stops, []),
        "version": (program.version, program.version + 1),
    }
    program.stopped_at = program.stop_audit_id = program.env_stopped_at = None
    program.stopped_by = program.stop_reason = ""
    program.ended_backends, program.env_stops = [], []
    fields = ["stopped_at", "stop_audit_id", "env_stopped_at", "stopped_by", "stop_reason", "ended_backends", "env_stops"]
    program.save(update_fields=fields)
    record(
        actor=actor,
        action_type=BetaAction.RESUME_SIGNUPS,
        entity_type="program",
        entity_id=1,
        entity_label=program.name,
        reason=reason,
        changes=changes,
    )
    program.refresh_from_db(fields=["version", "stop_version"])
    return program


def sync_environment_stop(*, actor: Actor) -> bool:
    """Write what this host's environment says into the gate, so that it holds for raw SQL too. Returns whether that changed it.

    Called when a web server starts. A host only ever takes its own name away.
    """
    if _in_step(Program.objects.get()):
        return False
    with transaction.atomic():
        program = locked_program()
        if _in_step(program):
            return False
        _write_environment(program, actor)
    return True


def _write_environment(program: Program, actor: Actor) -> None:
    host, before = settings.OPS_INSTANCE, list(program.env_stops)
    program.env_stops = [*before, host] if settings.BETA_SIGNUPS_PAUSED else [name for name in before if name != host]
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
    program.env_stopped_at = (program.env_stopped_at or now) if program.env_stops else None
    program.save(update_fields=["env_stops", "env_stopped_at"])
    action = BetaAction.HOLD_BY_ENVIRONMENT if settings.BETA_SIGNUPS_PAUSED else BetaAction.RELEASE_BY_ENVIRONMENT
    record(
        actor=actor, action_type=action, entity_type="program", entity_id=1, entity_label=program.name,
        reason=f"BETA_SIGNUPS_PAUSED={str(settings.BETA_SIGNUPS_PAUSED).lower()} ({host})",
        changes={"env_stops": (before, program.env_stops), "version": (program.version, program.version + 1)},
    )  # fmt: skip


def _in_step(program: Program) -> bool:
    return (settings.OPS_INSTANCE in program.env_stops) == settings.BETA_SIGNUPS_PAUSED


def _needed(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("Say why in a sentence."), field="reason")
    return reason.strip()
