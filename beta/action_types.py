from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BetaAction(TextChoices):
    STOP_SIGNUPS = "STOP_SIGNUPS", _("stopped signups")
    EXPLAIN_STOP = "EXPLAIN_STOP", _("said why signups were stopped")
    RESUME_SIGNUPS = "RESUME_SIGNUPS", _("resumed signups")
    HOLD_BY_ENVIRONMENT = "HOLD_BY_ENVIRONMENT", _("stopped signups by an environment variable")
    RELEASE_BY_ENVIRONMENT = "RELEASE_BY_ENVIRONMENT", _("took an environment variable's stop away")
    CHANGE_CAP = "CHANGE_CAP", _("changed the cap")
    CHANGE_PROGRAM = "CHANGE_PROGRAM", _("changed the program")
    PAUSE_INVITES = "PAUSE_INVITES", _("paused invites")
    UNPAUSE_INVITES = "UNPAUSE_INVITES", _("let invites work again")
    CREATE_INVITES = "CREATE_INVITES", _("created invites")
    REVOKE_INVITE = "REVOKE_INVITE", _("revoked an invite")
    EXPORT_INVITES = "EXPORT_INVITES", _("exported invites")
    CLAIM_SEAT = "CLAIM_SEAT", _("took a seat")
    RELEASE_SEAT = "RELEASE_SEAT", _("gave a seat back")
    REMOVE_HOUSEHOLD = "REMOVE_HOUSEHOLD", _("removed a household")
    REACTIVATE_HOUSEHOLD = "REACTIVATE_HOUSEHOLD", _("re-activated a household")
    PURGE_REFUSALS = "PURGE_REFUSALS", _("removed old refusals")
    RECORD_SUPPORT_MESSAGE = "RECORD_SUPPORT_MESSAGE", _("passed on a support message")
    ASSIGN_SUPPORT_MESSAGE = "ASSIGN_SUPPORT_MESSAGE", _("assigned a support message")
    ANSWER_SUPPORT_MESSAGE = "ANSWER_SUPPORT_MESSAGE", _("answered a support message")
    REOPEN_SUPPORT_MESSAGE = "REOPEN_SUPPORT_MESSAGE", _("opened a support message again")
    CLASSIFY_SUPPORT_MESSAGE = "CLASSIFY_SUPPORT_MESSAGE", _("said what kind a support message is")
    LINK_SUPPORT_MESSAGE = "LINK_SUPPORT_MESSAGE", _("said whose a support message is")
    PURGE_SUPPORT_MESSAGES = "PURGE_SUPPORT_MESSAGES", _("removed old support messages")
