from beta.actions.household import reactivate_household, remove_household
from beta.actions.invite import create_invites, export_invites, revoke_invite
from beta.actions.program import change_cap, change_program, pause_invites, unpause_invites
from beta.actions.refusal import purge_refusals, record_refusal
from beta.actions.seat import claim_seat, release_seat
from beta.actions.stop import explain_stop, resume_signups, stop_signups, sync_environment_stop
from beta.actions.support import answer_message, assign_message, classify_message, link_message, purge_messages, reopen_message
from beta.actions.support_intake import record_message

__all__ = [
    "answer_message",
    "assign_message",
    "change_cap",
    "change_program",
    "claim_seat",
    "classify_message",
    "create_invites",
    "explain_stop",
    "export_invites",
    "link_message",
    "pause_invites",
    "purge_messages",
    "purge_refusals",
    "reactivate_household",
    "record_message",
    "record_refusal",
    "release_seat",
    "remove_household",
    "reopen_message",
    "resume_signups",
    "revoke_invite",
    "stop_signups",
    "sync_environment_stop",
    "unpause_invites",
]
