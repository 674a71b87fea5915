import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from health.action_types import HealthAction
from health.models import PingKey
from opsportal import clock
from opsportal.errors import Conflict, NotFound

LIVE_KEYS = 2
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewPingKey:
    """A key just made. `raw` is the only place where the whole key ever stands: show it once and forget it."""

    key: PingKey
    raw: str

    def __repr__(self) -> str:
        return f"NewPingKey({self.key})"


@transaction.atomic
def create_ping_key(*, actor: Actor, reason: str = "") -> NewPingKey:
    """Make the first key, or a second one beside it, so that the jobs can change over. Revokes nothing.

    Raises Conflict (two_live_keys) while two keys are live.
    """
    before = _lock_live()
    if len(before) >= LIVE_KEYS:
        raise Conflict(_("Two ping keys are live. Revoke one of them first."), code="two_live_keys", keys=len(before))
    prefix = secrets.token_hex(4)
    raw = f"{prefix}_{secrets.token_urlsafe(18)}"
    key = PingKey.objects.create(prefix=prefix, key_hash=_hash_of(raw), created_by=actor.label)
    _record(actor, HealthAction.CREATE_PING_KEY, key, reason, (before, [*before, prefix]))
    return NewPingKey(key, raw)


@transaction.atomic
def revoke_ping_key(*, actor: Actor, key_id: int, reason: str = "") -> PingKey:
    """End a key: the next call with it is answered as unknown. Raises NotFound; Conflict for a key that is revoked already."""
    before = _lock_live()
    key = PingKey.objects.filter(pk=key_id).first()
    if key is None:
        raise NotFound(_("There is no such ping key."))
    if key.revoked_at is not None:
        raise Conflict(_("This key is revoked already."), code="already_revoked")
    key.revoked_at = clock.now()
    key.save(update_fields=["revoked_at"])
    left = [prefix for prefix in before if prefix != key.prefix]
    _record(actor, HealthAction.REVOKE_PING_KEY, key, reason, (before, left))
    return key


def find_key(raw: str) -> PingKey | None:
    """The live key of an address, noting once a minute that it is used. By the hash of 144 random bits: its timing says nothing."""
    key = PingKey.objects.filter(key_hash=_hash_of(raw), revoked_at=None).first()
    if key is not None:
        now = clock.now()
        if key.last_used_at is None or now - key.last_used_at >= USED_EVERY:
            unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY)
            PingKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=now)
    return key


def _hash_of(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


def _lock_live() -> list[str]:
    """The live keys' prefixes, oldest first. Whoever makes or revokes one takes turns, also when there is no row to lock yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('health.ping_keys'))")
    return list(PingKey.objects.filter(revoked_at=None).order_by("created_at", "pk").values_list("prefix", flat=True))


def _record(actor: Actor, action_type: HealthAction, key: PingKey, reason: str, live: tuple[list[str], list[str]]) -> None:
    record(
        actor=actor, action_type=action_type, entity_type="ping_key", entity_id=key.pk, entity_label=str(key), reason=reason,
        changes={"live": live},
    )  # fmt: skip
