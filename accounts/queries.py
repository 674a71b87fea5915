import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from accounts.actions.client import hash_of
from audit.actors import Actor, ActorKind
from opsportal import clock

# “Last used” is told to the minute, so that a busy client writes it once a minute and not with each call.
USED_EVERY = timedelta(minutes=1)
# Plain SQL: this stands before every signup, and the ORM takes longer to say it than PostgreSQL to answer.
_FIND = """
    SELECT k.id, k.key_hash, k.last_used_at, c.id, c.name, c.scopes
    FROM accounts_apikey k JOIN accounts_apiclient c ON c.id = k.client_id
    WHERE k.prefix = %s AND k.revoked_at IS NULL
"""
# SKIP LOCKED: whoever comes second in the same instant has nothing to wait for.
_NOTE_USE = """
    UPDATE accounts_apikey SET last_used_at = %s WHERE id IN (
        SELECT id FROM accounts_apikey WHERE id = %s AND (last_used_at IS NULL OR last_used_at <= %s) FOR NO KEY UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """The API client behind a call, and what it may do."""

    id: int
    name: str
    scopes: frozenset[str]
    key_id: UUID
    prefix: str

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.CLIENT, str(self.id), self.name)


def authenticate_key(raw: str) -> Caller | None:
    """Who calls with this key; None for one that is unknown, malformed or revoked. One query, never a cached answer."""
    mark, _, rest = raw.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != "ops" or not secret or not prefix.isalnum() or not raw.isascii() or len(raw) > 100:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [prefix])
        row = cursor.fetchone()
    if row is None or not hmac.compare_digest(row[1], hash_of(raw)):
        return None
    key_id, _hash, last_used_at, client_id, name, scopes = row
    _note_use(key_id, last_used_at)
    return Caller(client_id, name, frozenset(scopes), key_id, prefix)


def _note_use(key_id: UUID, last_used_at: datetime | None) -> None:
    now = clock.now()
    if last_used_at is None or now - last_used_at >= USED_EVERY:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE_USE, [now, key_id, now - USED_EVERY])
