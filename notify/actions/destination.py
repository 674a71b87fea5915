import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from notify import channels
from notify.action_types import NotifyAction
from notify.actions.enqueue import enqueue, enqueue_webhook
from notify.models import Destination, Message, Secret
from notify.queries import live_secrets
from notify.sealing import fingerprint, seal
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

LIVE_SECRETS = 2
MOST_OVERLAP_HOURS = 168
OVERLAP_HOURS = 24
LONGEST_ADDRESS = 500
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret just made; `raw` is None for a channel that signs nothing. Show it once and forget it."""

    destination: Destination
    raw: str | None

    def __repr__(self) -> str:
        return f"NewSecret({self.destination})"


@transaction.atomic
def create_destination(*, actor: Actor, name: str, channel: str, address: str, reason: str = "") -> NewSecret:
    """Add a place where messages go, with its first signing secret where the channel signs.

    Raises Invalid for a name, channel or address that makes no sense, Conflict (name_taken) for a name that is there.
    """
    if not _NAME.fullmatch(name):
        raise Invalid(_("Use 1 to 60 small letters, digits and hyphens; code calls the destination by this name."), field="name")
    address = _checked(channel, address)
    try:
        with transaction.atomic():
            made = Destination.objects.create(name=name, channel=channel, address=address)
    except IntegrityError:
        raise Conflict(_("A destination with the name “%(name)s” is there already.") % {"name": name}, code="name_taken") from None
    raw = _add_secret(made) if _is_signed(made) else None
    changes = {"channel": (None, channel), "address": (None, made.shown_address), "signed_by": (None, _live_prints(made))}
    _record(actor, NotifyAction.CREATE_DESTINATION, made, reason, changes)
    return NewSecret(made, raw)


@transaction.atomic
def change_destination(*, actor: Actor, destination_id: int, address: str, reason: str = "") -> Destination:
    """Send to another address from now on, also what waits. Raises Conflict (unchanged), Invalid for the address."""
    found = _locked(destination_id)
    address = _checked(found.channel, address)
    if address == found.address:
        raise Conflict(_("That is its address already."), code="unchanged")
    before, found.address = found.shown_address, address
    found.save(update_fields=["address"])
    _record(actor, NotifyAction.CHANGE_DESTINATION, found, reason, {"address": (before, found.shown_address)})
    return found


@transaction.atomic
def turn_destination_off(*, actor: Actor, destination_id: int, reason: str) -> Destination:
    """Send nothing there for now; its messages wait and lose no try. Raises Invalid without a reason, Conflict (unchanged)."""
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    return _turn(actor, NotifyAction.TURN_DESTINATION_OFF, destination_id, False, reason)


@transaction.atomic
def turn_destination_on(*, actor: Actor, destination_id: int, reason: str = "") -> Destination:
    """Send again; what waited goes out within two minutes. Raises Conflict (unchanged)."""
    return _turn(actor, NotifyAction.TURN_DESTINATION_ON, destination_id, True, reason)


@transaction.atomic
def rotate_destination_secret(*, actor: Actor, destination_id: int, overlap_hours: int = OVERLAP_HOURS, reason: str = "") -> NewSecret:
    """Make a second secret. Messages carry a signature by each until the first ends, `overlap_hours` from now (1 to 168).

    Raises Conflict (two_live_secrets) while two are live, (unsigned) for a channel that signs nothing, Invalid for the hours.
    """
    found = _locked(destination_id)
    if not _is_signed(found):
        raise Conflict(_("Messages of this channel are not signed."), code="unsigned")
    if not 1 <= overlap_hours <= MOST_OVERLAP_HOURS:
        raise Invalid(_("Choose 1 to 168 hours."), field="overlap_hours")
    before = _live_prints(found)
    if len(before) >= LIVE_SECRETS:
        raise Conflict(_("Two secrets are live. End the older one first."), code="two_live_secrets", secrets=len(before))
    ends_at = clock.now() + timedelta(hours=overlap_hours)
    live_secrets(found).update(ends_at=ends_at)
    raw = _add_secret(found)
    changes = {"signed_by": (before, _live_prints(found)), "earlier_ends_at": (None, ends_at)}
    _record(actor, NotifyAction.ROTATE_DESTINATION_SECRET, found, reason, changes)
    return NewSecret(found, raw)


@transaction.atomic
def end_destination_secret(*, actor: Actor, destination_id: int, fingerprint: str, reason: str = "") -> Destination:
    """Stop signing with a secret now. Raises NotFound, Conflict for one that ended already and for the only live one."""
    found = _locked(destination_id)
    secret = found.secrets.filter(fingerprint=fingerprint).first()
    if secret is None:
        raise NotFound(_("There is no such secret."))
    before = _live_prints(found)
    if fingerprint not in before:
        raise Conflict(_("This secret ended already."), code="ended")
    if len(before) == 1:
        raise Conflict(_("It is the only live secret. Make a second one first."), code="only_secret")
    secret.ends_at = clock.now()
    secret.save(update_fields=["ends_at"])
    # The one that stays has no end any more, even if it was the older one.
    live_secrets(found).update(ends_at=None)
    _record(actor, NotifyAction.END_DESTINATION_SECRET, found, reason, {"signed_by": (before, _live_prints(found))})
    return found


@transaction.atomic
def send_test(*, actor: Actor, destination_id: int) -> Message:
    """Owe a test message to a destination, like any other message. Raises Conflict (off) for one that is turned off."""
    found = _locked(destination_id)
    if not found.is_on:
        raise Conflict(_("It is turned off: a test would only wait."), code="off")
    key, text = f"test-{uuid4()}", _("A test from the operations portal. Nothing needs to be done.")
    if found.channel == "webhook":
        message = enqueue_webhook(destination=found.name, topic="test", key=key, payload={"topic": "test", "text": text, "sent_by": actor.label})
    else:
        message = enqueue(channel=found.channel, destination=found.name, topic="test", key=key, subject=_("Test"), body=text)
    _record(actor, NotifyAction.TEST_DESTINATION, found, "", {"message": (None, message.pk)})
    return message


def _turn(actor: Actor, action_type: NotifyAction, destination_id: int, is_on: bool, reason: str) -> Destination:
    found = _locked(destination_id)
    if found.is_on == is_on:
        raise Conflict(_("It is on already.") if is_on else _("It is off already."), code="unchanged")
    found.is_on = is_on
    found.save(update_fields=["is_on"])
    _record(actor, action_type, found, reason, {"on": (not is_on, is_on)})
    return found


def _checked(channel: str, address: str) -> str:
    kind = channels.get(channel)
    if kind is None:
        raise Invalid(_("There is no channel “%(channel)s”.") % {"channel": channel}, field="channel")
    if len(address) > LONGEST_ADDRESS:
        raise Invalid(_("An address has at most 500 characters."), field="address")
    return kind.check(address.strip())


def _is_signed(destination: Destination) -> bool:
    kind = channels.get(destination.channel)
    return kind is not None and kind.is_signed


def _add_secret(destination: Destination) -> str:
    raw = f"whsec_{secrets.token_urlsafe(32)}"
    Secret.objects.create(destination=destination, sealed=seal(raw), fingerprint=fingerprint(raw))
    return raw


def _live_prints(destination: Destination) -> list[str]:
    return list(live_secrets(destination).values_list("fingerprint", flat=True))


def _locked(destination_id: int) -> Destination:
    found = Destination.objects.select_for_update(no_key=True).filter(pk=destination_id).first()
    if found is None:
        raise NotFound(_("There is no such destination."))
    return found


def _record(actor: Actor, action_type: NotifyAction, destination: Destination, reason: str, changes: Changes) -> None:
    record(
        actor=actor, action_type=action_type, entity_type="destination", entity_id=destination.pk, entity_label=destination.name,
        reason=reason, changes=changes,
    )  # fmt: skip
