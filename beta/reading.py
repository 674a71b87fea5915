"""BETA_SIGNUPS_PAUSED as the product reads it: true while anything holds the stop. Only STOP, RESUME and the environment change it."""

from django.conf import settings

from audit.models import AuditLog
from audit.queries import filtered
from beta.action_types import BetaAction
from beta.models import Program
from beta.queries import get_program
from beta.queries.desk import desk
from switches.registry import Fact

ENDS = (BetaAction.RESUME_SIGNUPS, BetaAction.RELEASE_BY_ENVIRONMENT)


def signups_paused() -> Fact:
    """The state, and the program's version when the gate became so. A stop of this server's environment counts even before the gate knows it."""
    program = get_program()
    held_here: bool = settings.BETA_SIGNUPS_PAUSED
    if not program.is_stopped and not held_here:
        return _open(program)
    return Fact(
        True, program.flip_version, program.stopped_at or program.env_stopped_at, _by(program), program.stop_reason,
        desk(program).held_by, forced_by_env=held_here or bool(program.env_stops),
    )  # fmt: skip


def _by(program: Program) -> str:
    return program.stopped_by or ", ".join(program.env_stops) or str(settings.OPS_INSTANCE)


def _open(program: Program) -> Fact:
    """Open since the act that ended the last stop; after plain SQL, which left no trace, nobody can say since when."""
    ends = [filtered(action=action).order_by("-created_at", "-id").first() for action in ENDS]
    last = next((row for row in ends if row and _version(row) == program.flip_version), None)
    return Fact(False, program.flip_version) if last is None else Fact(False, program.flip_version, last.created_at, last.actor_label, last.reason)


def _version(row: AuditLog) -> int:
    return int(row.changes.get("version", [0, 0])[1])
