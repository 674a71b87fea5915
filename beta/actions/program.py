from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from beta import gate
from beta.action_types import BetaAction
from beta.models import Program
from beta.queries import locked_program
from opsportal import clock
from opsportal.errors import Conflict, Invalid

MOST_SEATS = 1_000_000
MOST_DAYS = 3650
# So that no day of the program lies outside the calendar that Python and PostgreSQL share.
FIRST_YEAR, LAST_YEAR = 2000, 2999


def change_cap(*, actor: Actor, cap: int, reason: str) -> Program:
    """Change how many households may hold a seat. Below the seats taken it seats nobody and takes no seat away."""
    if not 1 <= cap <= MOST_SEATS:
        raise Invalid(_("The cap is a number from 1 to %(most)s.") % {"most": MOST_SEATS}, field="cap")
    return _change(actor, BetaAction.CHANGE_CAP, reason, {"cap": cap})


def change_program(
    *, actor: Actor, reason: str, name: str | None = None, starts_on: date | None = None, days: int | None = None, invite_only: bool | None = None
) -> Program:
    """Change what is given; None leaves it. Raises Conflict when nothing would change."""
    wanted: dict[str, Any] = {"name": name, "starts_on": starts_on, "days": days, "invite_only": invite_only}
    values = {field: value for field, value in wanted.items() if value is not None}
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Invalid(_("The program lasts from 1 to %(most)s days.") % {"most": MOST_DAYS}, field="days")
    if starts_on is not None and not FIRST_YEAR <= starts_on.year <= LAST_YEAR:
        raise Invalid(_("The first day is in the years %(first)s to %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}, field="starts_on")
    if name is not None and not name.strip():
        raise Invalid(_("The program needs a name."), field="name")
    return _change(actor, BetaAction.CHANGE_PROGRAM, reason, values)


def pause_invites(*, actor: Actor, reason: str) -> Program:
    """From this commit on no invite lets anybody in. The invites themselves stay as they are."""
    values = {"invites_paused_at": clock.now(), "invites_paused_by": actor.label, "invites_pause_reason": reason.strip()}
    return _change(actor, BetaAction.PAUSE_INVITES, reason, values, only_if=lambda program: program.invites_paused_at is None)


def unpause_invites(*, actor: Actor, reason: str) -> Program:
    """Let invites work again, those that expired meanwhile excepted."""
    values = {"invites_paused_at": None, "invites_paused_by": "", "invites_pause_reason": ""}
    return _change(actor, BetaAction.UNPAUSE_INVITES, reason, values, only_if=lambda program: program.invites_paused_at is not None)


def _change(actor: Actor, action: BetaAction, reason: str, values: dict[str, Any], only_if: Any = None) -> Program:
    if not reason.strip():
        raise Invalid(_("Say why in a sentence."), field="reason")
    with gate.asked(), transaction.atomic():
        gate.be_patient()
        program = locked_program()
        changes = {field: (getattr(program, field), value) for field, value in values.items() if getattr(program, field) != value}
        if not changes or (only_if and not only_if(program)):
            raise Conflict(_("Nothing to change: it is like that already."))
        for field, value in values.items():
            setattr(program, field, value)
        program.save(update_fields=list(values))
        record(
            actor=actor, action_type=action, entity_type="program", entity_id=1, entity_label=program.name, reason=reason,
            changes=changes | {"version": (program.version, program.version + 1)},
        )  # fmt: skip
        program.refresh_from_db(fields=["version"])
    return program
