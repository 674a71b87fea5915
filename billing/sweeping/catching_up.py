"""Reading a provider's own list of changes behind a watermark: an event that never came is kept and processed like any other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from billing import providers
from billing.intake import telling
from billing.models import Payment, Watermark, WebhookEvent
from billing.report import Change, CouldNotAsk
from billing.states import ProviderName
from opsportal import clock

# What is listed late, and clocks that differ.
OVERLAP = timedelta(minutes=10)
FIRST_TIME = timedelta(hours=24)
# What is older is not listed any more.
KEPT = {ProviderName.STRIPE: timedelta(days=30), ProviderName.MERCADOPAGO: timedelta(days=365)}
# More than the overlap holds at any pace that the rest keeps up with.
MOST_AT_ONCE = 10_000
LONGEST_ERROR = 300

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Listed:
    """`until`: everything up to there is in `changes`. `gap`: what is not listed any more. `error`: why the list broke off."""

    provider: str
    since: datetime
    until: datetime
    changes: list[Change] = field(default_factory=list)
    gap: tuple[datetime, datetime] | None = None
    error: CouldNotAsk | None = None


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """`listed` changes, of which `new` had never come."""

    listed: int
    new: int
    until: datetime
    error: str = ""


def sources() -> list[str]:
    """The providers that can be asked at all."""
    return [provider.name for provider in providers.all_providers() if provider.is_configured()]


def read_list(provider: str, goes_on: Callable[[], bool] = lambda: True) -> Listed:
    """Outside of any transaction; as long as `goes_on` says so, and MOST_AT_ONCE at most. Never raises CouldNotAsk: says it."""
    now = clock.now()
    mark = Watermark.objects.filter(provider=provider).values_list("read_until", flat=True).first()
    since, oldest = mark - OVERLAP if mark else now - FIRST_TIME, now - KEPT[ProviderName(provider)]
    listed = Listed(provider, max(since, oldest), now, gap=(since, oldest) if since < oldest else None)
    try:
        for change in islice(providers.get(provider).changes_between(listed.since, now), MOST_AT_ONCE):
            listed.changes.append(change)
            if not goes_on():
                break
        else:
            if len(listed.changes) < MOST_AT_ONCE:
                return listed
    except CouldNotAsk as error:
        listed.error = error
    # Oldest first: what is there is there up to the last one, and not the last one's moment itself.
    listed.until = max(listed.since, listed.changes[-1].created_at) if listed.changes else listed.since
    return listed


@transaction.atomic
def keep(listed: Listed) -> CaughtUp:
    """Events that are not here yet; and only then the watermark, which stays where the list broke off with an error."""
    new = _keep_events(listed)
    error = _error(listed)
    mark, _made = Watermark.objects.select_for_update(no_key=True).get_or_create(
        provider=listed.provider, defaults={"read_until": listed.since if listed.error else listed.until}
    )
    if listed.error is None:
        mark.read_until = max(mark.read_until, listed.until)
    mark.tried_at, mark.error = clock.now(), error
    mark.save(update_fields=["read_until", "tried_at", "error"])
    if listed.error or listed.gap:
        log.warning("billing.not_caught_up", provider=listed.provider, error=error)
    return CaughtUp(len(listed.changes), new, mark.read_until, error)


def _keep_events(listed: Listed) -> int:
    ids = [change.event_id for change in listed.changes]
    known = set(WebhookEvent.objects.filter(provider=listed.provider, event_id__in=ids).values_list("event_id", flat=True))
    told = _told_of(listed)
    fresh = {change.event_id: change for change in listed.changes if change.event_id not in known and change.object_id not in told}
    rows = [
        WebhookEvent(
            provider=listed.provider, event_id=change.event_id, event_type=change.event_type, object_id=change.object_id,
            source=WebhookEvent.Source.ASKED, provider_created_at=change.created_at, body=change.body, is_signed=False,
        )
        for change in fresh.values()
    ]  # fmt: skip
    # One may come by webhook at this very moment.
    WebhookEvent.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    mine = WebhookEvent.objects.filter(provider=listed.provider, event_id__in=list(fresh), source=WebhookEvent.Source.ASKED)
    pks = list(mine.order_by("provider_created_at", "pk").values_list("pk", flat=True))
    if pks:
        transaction.on_commit(lambda: telling.tell(pks), robust=True)
    return len(pks)


def _told_of(listed: Listed) -> set[str]:
    """Payments of which is known here what the list says last: a webhook has told it, under an id of its own."""
    said = {change.object_id: change.says for change in listed.changes if change.says}
    rows = Payment.objects.filter(provider=listed.provider, payment_id__in=list(said)).values_list("payment_id", "status", "detail", "refunded")
    return {payment_id for payment_id, *known in rows if tuple(known) == said[payment_id]}


def _error(listed: Listed) -> str:
    said = [str(listed.error)] if listed.error else []
    if listed.gap:
        said.append(
            _("What happened from %(from)s to %(to)s is not listed any more, and can only be found by asking about each checkout.")
            % {"from": f"{listed.gap[0]:%Y-%m-%d %H:%M}", "to": f"{listed.gap[1]:%Y-%m-%d %H:%M} UTC"}
        )
    return " ".join(said)[:LONGEST_ERROR]
