import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.actions.client import hash_of
from accounts.actions.invite import closed, token_hash
from accounts.models import ApiKey, Person, PersonInvite
from audit.actors import Actor, ActorKind
from opsportal import clock
from opsportal.errors import NotFound
from opsportal.postgres.prepared import fetch_one

# “Last used” is told to the minute, so that a busy client writes it once a minute and not with each call.
USED_EVERY = timedelta(minutes=1)
MOST_KEYS = 1000
# Plain SQL: this stands before every signup, and the ORM takes longer to say it than PostgreSQL to answer.
_FIND = """
    SELECT k.id, k.key_hash, k.last_used_at, c.id, c.name, c.scopes
    FROM accounts_apikey k JOIN accounts_apiclient c ON c.id = k.client_id
    WHERE k.prefix = %(prefix)s AND k.revoked_at IS NULL
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
    mark, _underscore, rest = raw.partition("_")
    prefix, _underscore, secret = rest.partition("_")
    if mark != "ops" or not secret or not prefix.isalnum() or not raw.isascii() or len(raw) > 100:
        return None
    row = fetch_one(_FIND, {"prefix": prefix})
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


def note_uses(key_ids: Sequence[UUID]) -> None:
    """“Last used” for keys that were checked without asking the database; once a minute for each, as above."""
    now = clock.now()
    ApiKey.objects.filter(pk__in=key_ids).exclude(last_used_at__gt=now - USED_EVERY).update(last_used_at=now)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A live key's hash, as hash_of() makes it, and who calls with it."""

    key_hash: str
    caller: Caller


def live_keys(scope: str) -> list[KnownKey]:
    """The live keys of every client with the scope, the newest first; MOST_KEYS at most."""
    keys = ApiKey.objects.filter(revoked_at=None, client__scopes__contains=[scope]).order_by("-created_at", "-pk")
    rows = keys.values_list("key_hash", "client_id", "client__name", "client__scopes", "pk", "prefix")[:MOST_KEYS]
    return [
        KnownKey(key_hash, Caller(client_id, name, frozenset(scopes), key_id, prefix)) for key_hash, client_id, name, scopes, key_id, prefix in rows
    ]


_somebody = False


def anybody_exists() -> bool:
    """Whether there is a person at all. People are never deleted, so the question is asked only until the answer is yes."""
    global _somebody
    _somebody = _somebody or Person.objects.exists()
    return _somebody


def invite_of(token: str) -> PersonInvite:
    """The open invitation behind a one-time link. Raises NotFound or Conflict, as accept_invite does."""
    invite = PersonInvite.objects.filter(token_hash=token_hash(token)).first()
    if invite is None:
        raise NotFound(_("This link is not one of ours. Ask for a new one."))
    if not invite.is_open:
        raise closed(invite)
    return invite


def open_invites() -> QuerySet[PersonInvite]:
    """Links that still work, newest first; 50 at most."""
    return PersonInvite.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=clock.now()).order_by("-created_at", "-pk")[:50]


def sessions_of(person: Person) -> QuerySet[UserSession]:
    """A person's live sessions, newest first; 50 at most."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=clock.now())
    rows: QuerySet[UserSession] = UserSession.objects.filter(Exists(alive), user=person).order_by("-created_at", "-pk")
    return rows[:50]


@dataclass(frozen=True, slots=True)
class SecondFactors:
    app: bool
    passkeys: int
    recovery_codes: bool


def second_factors(person: Person) -> SecondFactors:
    types = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    kind = Authenticator.Type
    return SecondFactors(kind.TOTP in types, types.count(kind.WEBAUTHN), kind.RECOVERY_CODES in types)
