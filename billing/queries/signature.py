"""By which secret the providers sign, when they last did, and what was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Sum

from billing.models import SignatureCount
from billing.providers.secrets import CURRENT, PREVIOUS
from billing.states import ProviderName
from opsportal import clock

# So many of a provider's events back: what is older says little, and there may be millions.
NEWEST = 20_000
# A day for deliveries that were under way when the secret was exchanged; Mercado Pago tries again for days, perhaps as it signed first.
QUIET = {"stripe": timedelta(days=1), "mercadopago": timedelta(days=5)}

# What the current secret signed stands among the newest; the rest is rare, and has an index of its own.
_LAST = """
    SELECT p.name, %(current)s, last.received_at FROM unnest(%(providers)s::text[]) AS p (name), LATERAL (
        SELECT received_at FROM (
            SELECT source, is_signed, signed_by, received_at FROM webhook_events WHERE provider = p.name ORDER BY received_at DESC, id DESC LIMIT %(newest)s
        ) AS newest WHERE source = 'webhook' AND is_signed AND signed_by = %(current)s ORDER BY received_at DESC LIMIT 1) AS last
    UNION ALL
    SELECT p.name, how.name, last.received_at
    FROM unnest(%(providers)s::text[]) AS p (name), (VALUES (%(previous)s, true), ('unsigned', false)) AS how (name, is_signed), LATERAL (
        SELECT received_at FROM webhook_events
        WHERE provider = p.name AND is_signed = how.is_signed AND source = 'webhook' AND (NOT is_signed OR signed_by = 'previous')
        ORDER BY received_at DESC LIMIT 1) AS last
"""


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far the exchange of a secret is: none, single, only_previous, not_begun, waiting, unseen, over. `until`: when it may be over."""

    state: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signatures:
    """When a delivery was last signed by each secret, last came unsigned, and last was refused; `refused`: how many in 24 hours."""

    current: datetime | None = None
    previous: datetime | None = None
    unsigned: datetime | None = None
    refused_at: datetime | None = None
    refused_because: str = ""
    refused: int = 0

    def rotation(self, provider: str, *, has_current: bool, has_previous: bool) -> Rotation:
        if not has_previous:
            return Rotation("single" if has_current else "none")
        if not has_current:
            return Rotation("only_previous")
        if self.current is None:
            return Rotation("not_begun" if self.previous else "unseen")
        if self.previous is None:
            return Rotation("over")
        if self.previous >= self.current:
            return Rotation("not_begun")
        until = self.previous + QUIET[provider]
        return Rotation("over") if until <= clock.now() else Rotation("waiting", until)


def signatures() -> Mapping[str, Signatures]:
    """By provider, for those of which anything came."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, {"providers": ProviderName.values, "current": CURRENT, "previous": PREVIOUS, "newest": NEWEST})
        seen = {(provider, how): at for provider, how, at in cursor.fetchall()}
    refused = {one.provider: one for one in SignatureCount.objects.order_by("provider", "-last_at").distinct("provider")}
    # Whole hours are counted: the one in which the 24 hours began counts too.
    since = (clock.now() - timedelta(hours=24)).replace(minute=0, second=0, microsecond=0)
    times = dict(SignatureCount.objects.filter(hour__gte=since).values_list("provider").annotate(Sum("times")))
    return {
        name: Signatures(
            seen.get((name, CURRENT)), seen.get((name, PREVIOUS)), seen.get((name, "unsigned")),
            refused[name].last_at if name in refused else None, refused[name].reason if name in refused else "", times.get(name, 0),
        )
        for name in {provider for provider, _how in seen} | set(refused)
    }  # fmt: skip
