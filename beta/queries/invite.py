from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Min, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from beta.models import Invite
from opsportal import clock

STATES = {"live": _("live"), "used": _("used up"), "expired": _("expired"), "revoked": _("revoked")}


def _in_state(state: str) -> Q:
    now = clock.now()
    over = Q(expires_at__lte=now)
    used = Q(uses__gte=F("max_uses"))
    return {
        "revoked": Q(revoked_at__isnull=False),
        "used": used & Q(revoked_at=None),
        "expired": over & ~used & Q(revoked_at=None),
        "live": (Q(expires_at=None) | Q(expires_at__gt=now)) & ~used & Q(revoked_at=None),
    }[state]


def newest_invites(state: str = "", *, batch: str = "") -> QuerySet[Invite]:
    """Invites, newest first; `state` is one of STATES or empty."""
    invites = Invite.objects.order_by("-created_at", "-id")
    if state:
        invites = invites.filter(_in_state(state))
    return invites.filter(batch=batch) if batch else invites


def state_of(invite: Invite) -> str:
    """One of STATES."""
    if invite.revoked_at:
        return "revoked"
    if invite.uses >= invite.max_uses:
        return "used"
    return "expired" if invite.expires_at and invite.expires_at <= clock.now() else "live"


@dataclass(frozen=True, slots=True)
class InviteCounts:
    """Uses, not codes: a code of 20 uses counts 20."""

    given_out: int
    used: int
    live: int
    expired: int
    revoked: int
    expiring_today: int


def invite_counts() -> InviteCounts:
    left = F("max_uses") - F("uses")
    end_of_today = clock.end_of_today()
    sums = Invite.objects.aggregate(
        given_out=Sum("max_uses", default=0), used=Sum("uses", default=0),
        live=Sum(left, filter=_in_state("live"), default=0), expired=Sum(left, filter=_in_state("expired"), default=0),
        revoked=Sum(left, filter=_in_state("revoked"), default=0),
        expiring_today=Sum(left, filter=_in_state("live") & Q(expires_at__lt=end_of_today), default=0),
    )  # fmt: skip
    return InviteCounts(**sums)


# Of so many codes, the newest ones, for a figure that is asked all day.
MOST_CODES = 10_000
SOON = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Unused:
    """Uses that are left of live invites, and of these what ends within SOON."""

    live: int
    expiring: int


def unused_invites() -> Unused:
    left, live = F("max_uses") - F("uses"), _in_state("live")
    soon = live & Q(expires_at__lte=clock.now() + SOON)
    newest = newest_invites()[:MOST_CODES]
    return Unused(**newest.aggregate(live=Sum(left, filter=live, default=0), expiring=Sum(left, filter=soon, default=0)))


def expiring(until: datetime) -> tuple[int, datetime | None]:
    """Uses that are left of live invites which expire until then, of the newest MOST_CODES, and when the first of them does."""
    due = _in_state("live") & Q(expires_at__lte=until)
    left = F("max_uses") - F("uses")
    found = newest_invites()[:MOST_CODES].aggregate(total=Sum(left, filter=due, default=0), first=Min("expires_at", filter=due))
    return found["total"], found["first"]
