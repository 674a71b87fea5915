"""Working on one event: claim it, ask the provider, settle what it says and write the effect down, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.db import transaction

from audit.actors import Actor
from billing import providers
from billing.effects import Effect, EffectKind, EffectReason
from billing.models import WebhookEvent
from billing.processing import pausing, schedule
from billing.processing.claiming import Claim, claim
from billing.report import CouldNotAsk, Report
from billing.settling import Cause, CauseKind, settle
from billing.states import EventState
from opsportal import clock

SYSTEM = Actor.system("webhooks")
LONGEST_ERROR = 300

log = structlog.get_logger(__name__)


class LostClaim(Exception):
    """Somebody else has the event now; whatever was done for it is rolled back."""


def process_event(event_pk: int, *, answer_ms: int | None = None) -> EventState | None:
    """Returns the event's new state, or None where there was nothing to do.

    Nothing is held while the provider is asked. A worker that dies leaves its claim to expire; who comes later asks again. Raises
    only what the database raises when it is away: then nothing can be written down, and the claim expires too.
    """
    held = claim(event_pk, answer_ms=answer_ms)
    if held is None:
        return None
    try:
        return _settled(held, _ask(held.event))
    except LostClaim:
        return None
    except CouldNotAsk as error:
        pausing.note(held.event.provider, error.code)
        return _put_off(held, error.code, str(error), again=error.again)
    except Exception as error:
        # A mistake of ours must not lose the event, nor bring it back for ever.
        log.exception("billing.event_not_processed", event_pk=event_pk)
        return _put_off(held, schedule.BROKEN_HERE, f"{type(error).__name__}: {error}", again=True)


def process_told(event_pks: Sequence[int], answer_ms: Sequence[int | None]) -> None:
    """The events of one message, one after another, without those of a provider that has just let this process wait."""
    provider_of = dict(WebhookEvent.objects.filter(pk__in=event_pks).values_list("pk", "provider"))
    for event_pk, answered in zip(event_pks, answer_ms, strict=True):
        if not pausing.is_paused(provider_of.get(event_pk, "")):
            process_event(event_pk, answer_ms=answered)


def _ask(event: WebhookEvent) -> Report | None:
    return providers.get(event.provider).about_event(event.event_type, event.object_id, _body(event))


def _body(event: WebhookEvent) -> Mapping[str, Any]:
    """The older notifications of Mercado Pago's have none."""
    try:
        body = json.loads(bytes(event.body))
    except (ValueError, RecursionError):
        body = None
    return body if isinstance(body, dict) else {}


@transaction.atomic
def _settled(held: Claim, report: Report | None) -> EventState:
    event = held.held().select_for_update(no_key=True).first()
    if event is None:
        raise LostClaim
    cause = Cause(CauseKind.EVENT, event_pk=event.pk)
    effect = settle(actor=SYSTEM, report=report, cause=cause) if report else Effect(EffectKind.NONE, EffectReason.NOT_ACTED_ON)
    now = clock.now()
    changed: dict[str, Any] = {"state": EventState.DONE, "claimed_until": None, "next_at": None, "error_code": "", "error": ""}
    changed["processed_at"] = event.processed_at or now
    if not _says_more(event, effect):
        changed |= {"effect": effect.kind, "effect_reason": effect.reason or "", "effect_facts": dict(effect.facts)}
    changed |= {"checkout_id": effect.checkout_pk or event.checkout_id, "payment_id": effect.payment_pk or event.payment_id}
    WebhookEvent.objects.filter(pk=event.pk).update(**changed)
    return EventState.DONE


def _says_more(event: WebhookEvent, effect: Effect) -> bool:
    """Processed again, an event that gave a plan is found “already applied”: what it did the first time stays written."""
    return effect.kind == EffectKind.ALREADY and event.effect not in ("", EffectKind.NONE)


def _put_off(held: Claim, code: str, words: str, *, again: bool) -> EventState | None:
    is_over = held.tries >= schedule.tries_for(code, again=again)
    state = EventState.PERSON if is_over else EventState.WAITING
    next_at = None if is_over else clock.now() + schedule.wait_after(held.tries)
    error = words.replace("\x00", "").encode("utf-8", "replace").decode()[:LONGEST_ERROR]
    ended: dict[str, Any] = {}
    if is_over and _may_name_nothing(held.event, code):
        state, ended = EventState.DONE, {"effect": EffectKind.NONE, "processed_at": clock.now()}
    changed = held.held().update(state=state, next_at=next_at, claimed_until=None, error_code=code[:30], error=error, **ended)
    log.warning("billing.event_put_off", event_pk=held.event.pk, code=code, state=str(state), tries=held.tries)
    return state if changed else None


def _may_name_nothing(event: WebhookEvent, code: str) -> bool:
    """Anybody can send what nobody signs: people are not called for things that the provider has never heard of."""
    return code == "not_found" and not event.is_signed and event.source == WebhookEvent.Source.WEBHOOK and not event.effect
