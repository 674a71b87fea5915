"""Everything that changes people, invitations, sessions and API clients."""

from accounts.actions.client import LIVE_KEYS, NewKey, change_api_scopes, create_api_client, revoke_api_key, rotate_api_key
from accounts.actions.invite import NewInvite, accept_invite, invite_person, revoke_invite
from accounts.actions.person import change_profile, change_role, create_first_person, create_person, deactivate_person, reactivate_person
from accounts.actions.session import end_sessions

__all__ = [
    "LIVE_KEYS", "NewInvite", "NewKey", "accept_invite", "change_api_scopes", "change_profile", "change_role", "create_api_client",
    "create_first_person", "create_person", "deactivate_person", "end_sessions", "invite_person", "reactivate_person",
    "revoke_api_key", "revoke_invite", "rotate_api_key",
]  # fmt: skip
