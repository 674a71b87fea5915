"""Why a plan was not given although it is paid for: what the events tell about it. Pure."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from billing.effects import EffectReason
from billing.models import WebhookEvent
from billing.reconciling.known import Known
from billing.reconciling.problem import lasting, moment
from billing.reconciling.shape import Snapshot
from billing.states import EventState


def why_not_given(snapshot: Snapshot, one: Known) -> Iterator[str]:
    """One sentence, or a few: from the most telling event."""
    if one.grant is not None and one.grant.ended_at is not None:
        yield _("Its plan was ended %(when)s because %(why)s, and now the payment stands again.") % {
            "when": moment(one.grant.ended_at), "why": one.grant.get_ended_because_display(),
        }  # fmt: skip
        return
    events = one.events or snapshot.events
    early = [event for event in events if event.effect_reason == EffectReason.NO_CUSTOMER]
    waiting = [event for event in events if event.state in (EventState.RECEIVED, EventState.WAITING, EventState.PERSON)]
    none = [event for event in events if event.effect == "none" and event.effect_reason not in ("", EffectReason.NOT_ACTED_ON)]
    if early:
        yield _before_its_customer(snapshot, early[-1])
    elif waiting:
        yield _not_processed(waiting[-1])
    elif none:
        yield _without_effect(none[-1])
    elif not events:
        yield _("No event about it has come here: the provider has not sent it yet, or it was lost on the way.")
    else:
        yield _("Every event that came was processed; the money moved after the last of them, and nothing told us.")


def _before_its_customer(snapshot: Snapshot, event: WebhookEvent) -> str:
    linked = snapshot.checkout.linked_at
    sent_once = _("It was answered 200, and a 200 is never sent again.")
    if linked is None or not snapshot.checkout.customer_key:
        said = _("Event %(event)s came %(when)s; the checkout has had no customer to this day.") % {"event": event.event_id, "when": moment(event.received_at)}  # fmt: skip
        return f"{said} {sent_once}"
    seconds = (linked - event.received_at).total_seconds()
    if seconds < 0:
        said = _("Event %(event)s found no customer, although the checkout had one by then.") % {"event": event.event_id}
        return f"{said} {sent_once}"
    said = _("The event came %(time)s before the checkout was linked to its customer, so there was nobody to give the plan to.") % {"time": lasting(seconds)}  # fmt: skip
    return f"{said} {sent_once}"


def _not_processed(event: WebhookEvent) -> str:
    values = {"event": event.event_id, "when": moment(event.received_at), "state": event.get_state_display()}
    said = _("Event %(event)s came %(when)s and is not processed: %(state)s.") % values
    return f"{said} {event.error}" if event.error else said


def _without_effect(event: WebhookEvent) -> str:
    known = event.effect_reason in EffectReason.values
    why = EffectReason(event.effect_reason).label if known else event.effect_reason
    return _("Event %(event)s was answered 200 and had no effect: %(why)s. A 200 is never sent again.") % {"event": event.event_id, "why": why}
