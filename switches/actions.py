from datetime import datetime, timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from opsportal import clock
from opsportal.errors import Conflict, Forbidden, Invalid, NotFound
from switches import forced, registry
from switches.action_types import SwitchAction
from switches.models import Read, Switch
from switches.queries import MOST, due

__all__ = ["add_switch", "describe_switch", "remove_switch", "turn_off", "turn_on", "turn_on_due"]

LONGEST_OFF = timedelta(days=366)
LONGEST_REASON = 500


@transaction.atomic
def turn_off(*, actor: Actor, name: str, reason: str, until: datetime | None = None, may_turn_on: bool = True) -> Switch:
    """Off for everybody who reads it, until somebody turns it on, or until `until`. Other switches keep their values.

    For one that is off already it changes how long: another `until`, or none. An earlier end is a way to turn it on, so it is
    Forbidden without `may_turn_on`. Raises Invalid without a reason or for a time that is over or more than a year away,
    Conflict when nothing would change, NotFound.
    """
    reason = _needed(reason)
    if until is not None and not clock.now() < until <= clock.now() + LONGEST_OFF:
        raise Invalid(_("“Off until” is a time from now on, a year ahead at most."), field="until")
    switch = _locked(name)
    if not switch.is_on and switch.off_until == until:
        raise Conflict(_("%(name)s is off already.") % {"name": name})
    if not may_turn_on and not switch.is_on and until is not None and (switch.off_until is None or until < switch.off_until):
        raise Forbidden(_("That would turn it on earlier than it is set to. It takes the right to turn it on, and a fresh sign-in."))
    action = SwitchAction.TURN_SWITCH_OFF if switch.is_on else SwitchAction.CHANGE_SWITCH_END
    return _set(switch, actor, action, reason, is_on=False, off_until=until)


@transaction.atomic
def turn_on(*, actor: Actor, name: str, reason: str) -> Switch:
    """On as far as the portal goes: where the environment forces it off it stays off, and nothing here works around that.

    Doesn't touch the master. Raises Invalid without a reason, Conflict when it is on already, NotFound.
    """
    reason = _needed(reason)
    switch = _locked(name)
    if switch.is_on:
        raise Conflict(_("%(name)s is on already.") % {"name": name})
    return _set(switch, actor, SwitchAction.TURN_SWITCH_ON, reason, is_on=True, off_until=None)


def turn_on_due(*, actor: Actor) -> list[str]:
    """Turn on what was off until now, each in a transaction of its own, and once, however many do this at the same time."""
    return [name for name in due() if _turn_on_if_due(actor, name)]


@transaction.atomic
def _turn_on_if_due(actor: Actor, name: str) -> bool:
    # Asked again under the lock: somebody may have been quicker, or have set another time.
    switch = Switch.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=name, is_on=False, off_until__lte=clock.now()).first()
    if switch is None:
        return False
    reason = _("The time set was over. Off because: %(reason)s") % {"reason": switch.reason} if switch.reason else _("The time set was over.")
    _set(switch, actor, SwitchAction.SWITCH_ON_AGAIN, reason, is_on=True, off_until=None)
    return True


def _set(switch: Switch, actor: Actor, action: SwitchAction, reason: str, *, is_on: bool, off_until: datetime | None) -> Switch:
    before = (switch.is_on, switch.off_until, switch.version)
    switch.is_on, switch.off_until, switch.changed_by, switch.reason, switch.act = is_on, off_until, actor.label[:200], reason, uuid4()
    switch.save(update_fields=["is_on", "off_until", "changed_by", "reason", "act"])
    switch.refresh_from_db(fields=["version", "changed_at", "since"])
    pairs = {"is_on": (before[0], is_on), "off_until": (before[1], off_until), "version": (before[2], switch.version)}
    changes: Changes = {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
    _record(switch, actor, action, reason, changes)
    return switch


@transaction.atomic
def add_switch(*, actor: Actor, name: str, description: str, owner: str = "") -> Switch:
    """A switch of the product's own, on. Raises Invalid for a name or words that won't do, Conflict for a name that is taken."""
    name, description, owner = name.strip(), _described(description), owner.replace("\x00", "").strip()[:100]
    if not forced.NAME.fullmatch(name):
        raise Invalid(_("A name has 3 to 60 capital letters, digits and underscores, and begins with a letter."), field="name")
    if name in registry.readings():
        raise Conflict(_("%(name)s exists already.") % {"name": name})
    if forced.speaks_nonsense(name):
        raise Invalid(_("This server's environment has a variable %(name)s that is neither true nor false. Take another name.") % {"name": name}, field="name")  # fmt: skip
    if Switch.objects.count() >= MOST:
        raise Conflict(_("There are %(most)s switches, which is the most.") % {"most": MOST})
    try:
        with transaction.atomic():
            switch = Switch.objects.create(name=name, description=description, owner=owner, changed_by=actor.label[:200])
    except IntegrityError:
        raise Conflict(_("%(name)s exists already.") % {"name": name}) from None
    switch.refresh_from_db()
    changes = {"is_on": (None, True), "description": (None, description), "owner": (None, owner or None), "version": (None, switch.version)}
    _record(switch, actor, SwitchAction.ADD_SWITCH, "", changes)
    return switch


@transaction.atomic
def describe_switch(*, actor: Actor, name: str, description: str, owner: str = "") -> Switch:
    """Say what it switches, and whose it is. Readers notice nothing: its version stays. Raises Invalid, Conflict, NotFound."""
    values = {"description": _described(description), "owner": owner.replace("\x00", "").strip()[:100]}
    switch = _locked(name)
    changes: Changes = {field: (getattr(switch, field), value) for field, value in values.items() if getattr(switch, field) != value}
    if not changes:
        raise Conflict(_("Nothing to change: it is like that already."))
    for field, value in values.items():
        setattr(switch, field, value)
    switch.save(update_fields=list(values))
    _record(switch, actor, SwitchAction.DESCRIBE_SWITCH, "", changes)
    return switch


@transaction.atomic
def remove_switch(*, actor: Actor, name: str, reason: str) -> None:
    """Take an added switch away; whoever reads it gets FLAG_NOT_FOUND, and uses a default of its own.

    Raises Conflict for one that code registers, and for one that is off: nobody should turn it on by removing it. Invalid, NotFound.
    """
    reason = _needed(reason)
    switch = _locked(name)
    if switch.is_registered:
        raise Conflict(_("%(name)s belongs to the portal and stays.") % {"name": name})
    if not switch.is_on:
        raise Conflict(_("%(name)s is off. Turn it on first: who reads it falls back to a default of its own when it is gone.") % {"name": name})
    _record(switch, actor, SwitchAction.REMOVE_SWITCH, reason, {"is_on": (switch.is_on, None), "description": (switch.description, None)})
    Read.objects.filter(switch=name).delete()
    switch.delete()


def _locked(name: str) -> Switch:
    switch = Switch.objects.select_for_update(no_key=True).filter(pk=name).first() if forced.NAME.fullmatch(name) else None
    if switch is None:
        raise NotFound(_("There is no switch “%(name)s”.") % {"name": name.replace("\x00", "")[:60]})
    return switch


def _record(switch: Switch, actor: Actor, action: SwitchAction, reason: str, changes: Changes) -> None:
    record(actor=actor, action_type=action, entity_type="switch", entity_id=switch.pk, entity_label=switch.name, reason=reason, changes=changes)


def _needed(reason: str) -> str:
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise Invalid(_("Say why in a sentence."), field="reason")
    return reason[:LONGEST_REASON]


def _described(description: str) -> str:
    description = description.replace("\x00", "").strip()
    if not description:
        raise Invalid(_("Say what it switches."), field="description")
    if len(description) > 300:
        raise Invalid(_("300 characters at most."), field="description")
    return description
