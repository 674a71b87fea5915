import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.action_types import AccountAction
from accounts.models import ApiClient, ApiKey, Scope
from audit.actions import Changes, record
from audit.actors import Actor
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

LIVE_KEYS = 2
PREFIX_BYTES = 5
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `raw` is the only place where the whole key ever stands: show it once and forget it."""

    client: ApiClient
    key: ApiKey
    raw: str

    def __repr__(self) -> str:
        return f"NewKey({self.key})"


@transaction.atomic
def create_api_client(*, actor: Actor, name: str, scopes: Iterable[str], reason: str = "") -> NewKey:
    """Make a client with its first key. Raises Invalid for a name or scopes that make no sense, Conflict for a name that is taken."""
    name, wanted = name.strip(), _scopes(scopes)
    if not name or len(name) > 100:
        raise Invalid(_("Give the client a name of 1 to 100 characters."), field="name")
    try:
        with transaction.atomic():
            client = ApiClient.objects.create(name=name, scopes=wanted)
    except IntegrityError:
        raise Conflict(_("An API client with the name “%(name)s” is there already.") % {"name": name}, code="name_taken") from None
    made = _add_key(client)
    _record(actor, AccountAction.CREATE_API_CLIENT, client, reason, {"scopes": (None, wanted), "keys": (None, [made.key.prefix])})
    return made


@transaction.atomic
def rotate_api_key(*, actor: Actor, client_id: int, reason: str = "") -> NewKey:
    """Make a second key beside the first, so that the client can change over without a refusal. Revokes nothing.

    Raises Conflict (two_live_keys) while two keys are live: revoke one first.
    """
    client = _locked(client_id)
    before = _live_prefixes(client)
    if len(before) >= LIVE_KEYS:
        raise Conflict(_("“%(name)s” has two live keys. Revoke one of them first.") % {"name": client.name}, code="two_live_keys", keys=len(before))
    made = _add_key(client)
    _record(actor, AccountAction.ROTATE_API_KEY, client, reason, {"keys": (before, [*before, made.key.prefix])})
    return made


@transaction.atomic
def revoke_api_key(*, actor: Actor, prefix: str, reason: str = "") -> ApiKey:
    """End a key: the next call with it is refused. Raises NotFound for an unknown prefix, Conflict for a key already revoked."""
    key = ApiKey.objects.select_related("client").filter(prefix=prefix).first()
    if key is None:
        raise NotFound(_("No API key begins with ops_%(prefix)s.") % {"prefix": prefix})
    client = _locked(key.client_id)
    before = _live_prefixes(client)
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
        raise Conflict(_("This key is revoked already."), code="already_revoked")
    _record(actor, AccountAction.REVOKE_API_KEY, client, reason, {"keys": (before, [one for one in before if one != prefix])})
    key.refresh_from_db()
    return key


@transaction.atomic
def change_api_scopes(*, actor: Actor, client_id: int, scopes: Iterable[str], reason: str = "") -> ApiClient:
    """What the client may do, from its next call on. Raises Conflict when nothing would change."""
    client, wanted = _locked(client_id), _scopes(scopes)
    if wanted == sorted(client.scopes):
        raise Conflict(_("“%(name)s” has exactly these scopes already.") % {"name": client.name}, code="unchanged")
    before, client.scopes = client.scopes, wanted
    client.save(update_fields=["scopes"])
    _record(actor, AccountAction.CHANGE_API_SCOPES, client, reason, {"scopes": (before, wanted)})
    return client


def hash_of(raw: str) -> str:
    # A key is 256 random bits, so a slow password hash would add nothing; SHA-256 keeps the signup path quick.
    return hashlib.sha256(raw.encode()).hexdigest()


def _add_key(client: ApiClient) -> NewKey:
    prefix = secrets.token_hex(PREFIX_BYTES)
    raw = f"ops_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return NewKey(client, ApiKey.objects.create(client=client, prefix=prefix, key_hash=hash_of(raw)), raw)


def _scopes(scopes: Iterable[str]) -> list[str]:
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in Scope.values]
    if unknown:
        detail = _("“%(unknown)s” is no scope. There are: %(known)s.") % {"unknown": unknown[0], "known": ", ".join(Scope.values)}
        raise Invalid(detail, field="scopes")
    if not wanted:
        raise Invalid(_("Choose at least one scope."), field="scopes")
    return wanted


def _locked(client_id: int) -> ApiClient:
    client = ApiClient.objects.select_for_update(no_key=True).filter(pk=client_id).first()
    if client is None:
        raise NotFound(_("There is no such API client."))
    return client


def _live_prefixes(client: ApiClient) -> list[str]:
    return list(client.keys.filter(revoked_at=None).order_by("created_at").values_list("prefix", flat=True))


def _record(actor: Actor, action_type: AccountAction, client: ApiClient, reason: str, changes: Changes) -> None:
    record(
        actor=actor, action_type=action_type, entity_type="api_client", entity_id=client.pk, entity_label=client.name, reason=reason, changes=changes
    )
