import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from beta.action_types import BetaAction
from beta.actions.support import label_of
from beta.models import Household, SupportMessage
from opsportal import clock
from opsportal.errors import Conflict, Invalid

# A clock that goes a little fast is no lie.
AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=366)
LONGEST = {"body": 10_000, "subject": 200, "contact": 200, "household_key": 100, "thread": 200}


@dataclass(frozen=True, slots=True)
class Written:
    """What a user wrote. `contact`: an email address or a handle; `thread` ties messages of one conversation together; `kind` "": not said."""

    body: str
    channel: str
    contact: str = ""
    household_key: str = ""
    subject: str = ""
    kind: str = ""
    thread: str = ""
    received_at: datetime | None = None

    @property
    def hash(self) -> str:
        """Tells the same message again from another one under the same key."""
        said = {name: str(getattr(self, name)) for name in self.__slots__ if name != "received_at"}
        return hashlib.sha256(json.dumps([said, self.received_at and self.received_at.timestamp()], sort_keys=True).encode()).hexdigest()


@transaction.atomic
def record_message(*, actor: Actor, message: Written, idempotency_key: str, client_id: int | None = None) -> tuple[SupportMessage, bool]:
    """Keep what a user wrote. Returns it, and whether it is new.

    The same key of the same client again gives the first one as it is, without a second audit row. A sender whom nobody knows is kept with
    the contact. In a thread whose last message was answered, it waits as “open again”. Raises Conflict (`message_mismatch`) when the key
    came with something else, Invalid with the field at fault.
    """
    known = _known(message, idempotency_key, client_id)
    if known is not None:
        return known, False
    _check(message)
    before = _before(message, client_id)
    made = SupportMessage(
        client_id=client_id, idempotency_key=idempotency_key, request_hash=message.hash, household=_household(message, before),
        kind=message.kind or (before.kind if before else SupportMessage.Kind.QUESTION), search=_searched(message),
        state=SupportMessage.State.REOPENED if before and before.answered_at else SupportMessage.State.OPEN, **_said(message),
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        # Two calls with one key at the same moment: the second finds the first.
        known = _known(message, idempotency_key, client_id)
        if known is None:
            raise
        return known, False
    changes = {name: (None, getattr(made, name)) for name in ("kind", "channel", "state", "received_at")}
    record(
        actor=actor, action_type=BetaAction.RECORD_SUPPORT_MESSAGE, entity_type="support_message", entity_id=made.pk, entity_label=label_of(made),
        changes=changes,
    )  # fmt: skip
    return made, True


def _known(message: Written, idempotency_key: str, client_id: int | None) -> SupportMessage | None:
    found = SupportMessage.objects.filter(client_id=client_id, idempotency_key=idempotency_key).first()
    if found is not None and found.request_hash != message.hash:
        raise Conflict(_("This Idempotency-Key came with another message before."), code="message_mismatch", message_id=str(found.pk))
    return found


def _check(message: Written) -> None:
    for field, most in LONGEST.items():
        if len(getattr(message, field)) > most:
            raise Invalid(_("%(most)s characters at most.") % {"most": most}, field=field)
        if "\x00" in getattr(message, field):
            raise Invalid(_("It holds a character that can't be stored."), field=field)
    if not message.body.strip():
        raise Invalid(_("A message needs words."), field="body")
    if not (message.contact or message.household_key):
        raise Invalid(_("Say who wrote it: household_key, contact, or both."), field="contact")
    if message.channel not in SupportMessage.Channel.values:
        raise Invalid(_("There is no such channel."), field="channel")
    if message.kind and message.kind not in SupportMessage.Kind.values:
        raise Invalid(_("There is no such kind."), field="kind")
    if message.received_at and not clock.now() - OLDEST <= message.received_at <= clock.now() + AHEAD:
        raise Invalid(_("It was received in the last year, and not in the future."), field="received_at")


def _before(message: Written, client_id: int | None) -> SupportMessage | None:
    """The last one of its thread."""
    if not message.thread:
        return None
    thread = SupportMessage.objects.select_related("household").filter(client_id=client_id, thread=message.thread)
    return thread.order_by("-received_at", "-pk").first()


def _household(message: Written, before: SupportMessage | None) -> Household | None:
    """By the product's key, else by an email address that only one household has, else the thread's."""
    if message.household_key and (named := Household.objects.filter(household_key=message.household_key).first()):
        return named
    if "@" in message.contact:
        found = Household.objects.alias(lower=Lower("email")).filter(lower=Lower(Value(message.contact)))[:2]
        if len(found) == 1:
            return found[0]
    return before.household if before else None


def _said(message: Written) -> dict[str, Any]:
    """The moment of a message that is passed on with a clock ahead is now: nobody waits since the future."""
    now = clock.now()
    at = min(message.received_at or now, now)
    names = ("contact", "household_key", "subject", "thread", "channel")
    return {name: getattr(message, name) for name in names} | {"body": message.body.strip("\n"), "received_at": at, "waiting_since": at}


def _searched(message: Written) -> str:
    return "\n".join((message.subject, message.contact, message.body)).lower()
