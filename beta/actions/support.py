"""What users write, and who answers it. Nothing is sent from here: people answer where they were written to, and say so."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Person
from audit.actions import Changes, record
from audit.actors import Actor
from beta.action_types import BetaAction
from beta.models import Household, SupportMessage
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

ANSWERS = "beta.answer_support"
LONGEST_NOTE = 2000
KEPT = timedelta(days=400)
MOST_REMOVED = 10_000
State = SupportMessage.State


@transaction.atomic
def assign_message(*, actor: Actor, message_id: UUID, person_id: int | None, was_id: int | None) -> SupportMessage:
    """Give the message to a person, or to nobody (None). `was_id`: who had it when that was decided.

    Raises NotFound, Conflict (`answered`, `taken`: somebody else has it by now, `unchanged`), Invalid for a person who may not answer.
    """
    message = _open(_locked(message_id))
    if message.assignee_id != was_id:
        who = message.assignee or _("nobody")
        raise Conflict(_("It went to %(who)s meanwhile. Look again before you change that.") % {"who": who}, code="taken")
    if message.assignee_id == person_id:
        raise Conflict(_("It is like that already."), code="unchanged")
    before, message.assignee = message.assignee, _answerer(person_id)
    message.state = State.ASSIGNED if message.assignee else State.OPEN
    message.save(update_fields=["assignee", "state"])
    _record(actor, BetaAction.ASSIGN_SUPPORT_MESSAGE, message, {"assignee": (_name(before), _name(message.assignee))})
    return message


@transaction.atomic
def answer_message(*, actor: Actor, message_id: UUID, note: str) -> SupportMessage:
    """Write down what was answered, for this message and for those before it in its thread. What came later stays open: nobody has read it.

    Raises NotFound, Invalid without a note, Conflict (`answered`) that says who was quicker.
    """
    note = _text(note, LONGEST_NOTE, field="note", missing=_("Write what was answered."))
    found = _with_earlier(message_id)
    message = _open(next(one for one in found if one.pk == message_id))
    now, before = clock.now(), message.state
    for one in found:
        one.state, one.answered_at, one.answered_by, one.answer = State.ANSWERED, now, actor.label[:200], note
        one.first_answered_at = one.first_answered_at or now
        one.save(update_fields=["state", "answered_at", "answered_by", "answer", "first_answered_at"])
    waited = int((now - min(one.waiting_since for one in found)).total_seconds() // 60)
    changes: dict[str, tuple[Any, Any]] = {"state": (before, State.ANSWERED), "minutes_waited": (None, waited)}
    _record(actor, BetaAction.ANSWER_SUPPORT_MESSAGE, message, changes | ({"messages": (None, len(found))} if found[1:] else {}))
    return message


@transaction.atomic
def reopen_message(*, actor: Actor, message_id: UUID, reason: str) -> SupportMessage:
    """Let an answered message wait again, from now on and for anybody; what was answered stays readable. Raises NotFound, Invalid, Conflict (`open`)."""
    reason = _text(reason, 500, field="reason", missing=_("Say why in a sentence."))
    message = _locked(message_id)
    if message.answered_at is None:
        raise Conflict(_("This message is open."), code="open")
    message.earlier_answers = [
        *message.earlier_answers,
        {"at": message.answered_at.isoformat(), "by": message.answered_by, "note": message.answer},
    ]
    message.state, message.waiting_since, message.assignee = State.REOPENED, clock.now(), None
    message.answered_at, message.answered_by, message.answer = None, "", ""
    message.save(update_fields=["state", "waiting_since", "assignee", "answered_at", "answered_by", "answer", "earlier_answers"])
    _record(actor, BetaAction.REOPEN_SUPPORT_MESSAGE, message, {"state": (State.ANSWERED, State.REOPENED)}, reason)
    return message


@transaction.atomic
def classify_message(*, actor: Actor, message_id: UUID, kind: str) -> SupportMessage:
    """Say what kind of message it is. Raises NotFound, Invalid, Conflict (`unchanged`)."""
    if kind not in SupportMessage.Kind.values:
        raise Invalid(_("There is no such kind."), field="kind")
    message = _locked(message_id)
    if message.kind == kind:
        raise Conflict(_("It is like that already."), code="unchanged")
    before, message.kind = message.kind, kind
    message.save(update_fields=["kind"])
    _record(actor, BetaAction.CLASSIFY_SUPPORT_MESSAGE, message, {"kind": (before, kind)})
    return message


@transaction.atomic
def link_message(*, actor: Actor, message_id: UUID, household_id: UUID | None) -> SupportMessage:
    """Say whose message it is; None: no household's. The rest of its thread that nobody is known for goes along.

    Raises NotFound (`message_unknown`, `household_unknown`), Conflict (`unchanged`).
    """
    message = _locked(message_id)
    if message.household_id == household_id:
        raise Conflict(_("It is like that already."), code="unchanged")
    before, household = message.household, _household(household_id)
    message.household = household
    message.save(update_fields=["household"])
    if message.thread and household is not None:
        thread = SupportMessage.objects.filter(client_id=message.client_id, thread=message.thread, household=None)
        thread.update(household=household)
    _record(actor, BetaAction.LINK_SUPPORT_MESSAGE, message, {"household": (_name(before), _name(household))})
    return message


@transaction.atomic
def purge_messages(*, actor: Actor, limit: int = MOST_REMOVED) -> int:
    """Remove messages that were answered more than 400 days ago, oldest first; open ones stay. No audit row where there was nothing to remove."""
    old = SupportMessage.objects.filter(answered_at__lt=clock.now() - KEPT).order_by("answered_at").values_list("pk", flat=True)[:limit]
    removed, _by_model = SupportMessage.objects.filter(pk__in=list(old)).delete()
    if removed:
        changes = {"messages": (removed, 0)}
        record(actor=actor, action_type=BetaAction.PURGE_SUPPORT_MESSAGES, entity_type="program", entity_id=1, changes=changes)
    return removed


def _locked(message_id: UUID) -> SupportMessage:
    found = SupportMessage.objects.select_for_update(no_key=True, of=("self",)).select_related("assignee", "household").filter(pk=message_id).first()
    if found is None:
        raise NotFound(_("There is no such message."), code="message_unknown")
    return found


def _with_earlier(message_id: UUID) -> list[SupportMessage]:
    """The message and the open ones before it in its thread, locked in one order: two people who answer a thread must not wait for each other."""
    message = SupportMessage.objects.filter(pk=message_id).first()
    if message is None:
        raise NotFound(_("There is no such message."), code="message_unknown")
    locked = SupportMessage.objects.select_for_update(no_key=True).order_by("pk")
    if not message.thread:
        return list(locked.filter(pk=message_id))
    thread = SupportMessage.objects.filter(client_id=message.client_id, thread=message.thread, received_at__lte=message.received_at, answered_at=None)
    found = list(locked.filter(pk__in=[message_id, *thread.values_list("pk", flat=True)]))
    return [one for one in found if one.pk == message_id or one.answered_at is None]


def _open(message: SupportMessage) -> SupportMessage:
    if message.answered_at is not None:
        said = {"who": message.answered_by, "at": localtime(message.answered_at).strftime("%H:%M")}
        raise Conflict(_("%(who)s answered it at %(at)s.") % said, code="answered")
    return message


def _answerer(person_id: int | None) -> Person | None:
    if person_id is None:
        return None
    person = Person.objects.filter(pk=person_id).first()
    if person is None or not person.has_perm(ANSWERS):
        raise Invalid(_("This person can't answer messages."), field="person")
    return person


def _household(household_id: UUID | None) -> Household | None:
    if household_id is None:
        return None
    household = Household.objects.filter(pk=household_id).first()
    if household is None:
        raise NotFound(_("There is no such household."), code="household_unknown")
    return household


def _text(value: str, most: int, *, field: str, missing: str) -> str:
    text = value.replace("\x00", "").strip()
    if not text:
        raise Invalid(missing, field=field)
    if len(text) > most:
        raise Invalid(_("%(most)s characters at most.") % {"most": most}, field=field)
    return text


def _name(thing: object | None) -> str | None:
    return None if thing is None else str(thing)


def _record(actor: Actor, action: BetaAction, message: SupportMessage, changes: Changes, reason: str = "") -> None:
    """Without what the user wrote, and what was answered: those are removed one day, and the audit log stays for ever."""
    record(
        actor=actor, action_type=action, entity_type="support_message", entity_id=message.pk, entity_label=label_of(message), reason=reason,
        changes=changes,
    )  # fmt: skip


def label_of(message: SupportMessage) -> str:
    """What the audit log calls it."""
    return f"{message.kind}, {message.household or message.channel}"
