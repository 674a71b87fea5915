from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from billing import transitions
from billing.action_types import BillingAction
from billing.intake import telling
from billing.models import WebhookEvent
from billing.states import EventState
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

MOST_AT_ONCE = 500
# From these a person may have an event processed again.
REPLAYED = tuple(before for before, after in transitions.EVENT if after == EventState.RECEIVED)


@transaction.atomic
def replay_event(*, actor: Actor, event_id: int, reason: str = "") -> WebhookEvent:
    """Have an event processed again, whatever became of it: the provider is asked anew, so that twice is as good as once.

    Where all tries were used up, it is one more. What it did the first time stays written. Raises NotFound, and Conflict for one that
    waits for its first processing already (waiting_already), or is being processed right now (being_processed).
    """
    event = _locked(event_id)
    if event.state not in REPLAYED:
        raise Conflict(_("This event is about to be processed anyway."), code="waiting_already")
    if event.claimed_until and event.claimed_until > clock.now():
        raise Conflict(_("This event is being processed right now."), code="being_processed")
    before = event.state
    _received_again(WebhookEvent.objects.filter(pk=event.pk))
    _record(actor, BillingAction.REPLAY_EVENT, event, reason, {"state": (before, EventState.RECEIVED)})
    event.refresh_from_db()
    return event


@transaction.atomic
def replay_events(*, actor: Actor, event_ids: Sequence[int], reason: str = "") -> list[int]:
    """The same for up to 500 at once: one act, one audit row with their numbers. Those that can't be, or are being processed, are left out.

    Returns the numbers of the others. Raises Conflict (nothing_to_replay) where none is left, Invalid for too many.
    """
    if len(event_ids) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)s events at once.") % {"most": MOST_AT_ONCE}, field="event_ids")
    free = Q(claimed_until=None) | Q(claimed_until__lte=clock.now())
    wanted = WebhookEvent.objects.filter(free, pk__in=event_ids, state__in=REPLAYED).order_by("pk")
    found = list(wanted.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
    if not found:
        raise Conflict(_("None of these events can be processed again now."), code="nothing_to_replay")
    _received_again(WebhookEvent.objects.filter(pk__in=found))
    changes: Changes = {"events": (None, len(found)), "numbers": (None, found), "state": (None, EventState.RECEIVED)}
    record(actor=actor, action_type=BillingAction.REPLAY_EVENT, entity_type="webhook_event", reason=reason, changes=changes)
    return found


@transaction.atomic
def handle_event(*, actor: Actor, event_id: int, note: str) -> WebhookEvent:
    """Say of an event that needs a person how it was dealt with; it is not tried any more. Moves no money and no plan.

    Raises NotFound, Invalid without a note, Conflict (not_for_a_person) for an event that needs nobody.
    """
    if not note.strip():
        raise Invalid(_("Say how it was dealt with."), field="note")
    event = _locked(event_id)
    if (event.state, EventState.HANDLED) not in transitions.EVENT:
        raise Conflict(_("Only an event that needs a person can be marked as handled."), code="not_for_a_person")
    before, event.state = event.state, EventState.HANDLED
    event.handled_by, event.handled_note, event.next_at = actor.label[:200], note.strip(), None
    event.save(update_fields=["state", "handled_by", "handled_note", "next_at"])
    _record(actor, BillingAction.HANDLE_EVENT, event, note, {"state": (before, EventState.HANDLED)})
    return event


def _locked(event_id: int) -> WebhookEvent:
    event = WebhookEvent.objects.select_for_update(no_key=True).filter(pk=event_id).first()
    if event is None:
        raise NotFound(_("There is no such event."))
    return event


def _received_again(events: QuerySet[WebhookEvent]) -> None:
    """`attempts` stays: it is the fencing token, and only grows."""
    found = list(events.values_list("pk", flat=True))
    events.update(state=EventState.RECEIVED, next_at=clock.now(), claimed_until=None)
    transaction.on_commit(lambda: telling.tell(found), robust=True)


def _record(actor: Actor, action_type: BillingAction, event: WebhookEvent, reason: str, changes: Changes) -> None:
    record(
        actor=actor, action_type=action_type, entity_type="webhook_event", entity_id=event.pk,
        entity_label=f"{event.provider} {event.event_type} {event.event_id}", reason=reason, changes=changes,
    )  # fmt: skip
