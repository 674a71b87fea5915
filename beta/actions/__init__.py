from beta.actions.household import reactivate_household, remove_household
from beta.actions.invite import create_invites, export_invites, revoke_invite
from beta.actions.program import change_cap, change_program, pause_invites, unpause_invites
from beta.actions.refusal import purge_refusals, record_refusal
from beta.actions.seat import claim_seat, release_seat
from beta.actions.stop import explain_stop, resume_signups, stop_signups, sync_environment_stop

__all__ = [
    "change_cap",
    "change_program",
    "claim_seat",
    "create_invites",
    "explain_stop",
    "export_invites",
    "pause_invites",
    "purge_refusals",
    "reactivate_household",
    "record_refusal",
    "release_seat",
    "remove_household",
    "resume_signups",
    "revoke_invite",
    "stop_signups",
    "sync_environment_stop",
    "unpause_invites",
]
