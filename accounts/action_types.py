from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AccountAction(TextChoices):
    SIGN_IN = "SIGN_IN", _("signed in")
    SIGN_IN_FAILED = "SIGN_IN_FAILED", _("failed to sign in")
    SIGN_OUT = "SIGN_OUT", _("signed out")
    CONFIRM_IDENTITY = "CONFIRM_IDENTITY", _("signed in afresh")
    CREATE_PERSON = "CREATE_PERSON", _("created a person")
    INVITE_PERSON = "INVITE_PERSON", _("invited a person")
    REVOKE_PERSON_INVITE = "REVOKE_PERSON_INVITE", _("took an invitation back")
    ACCEPT_INVITE = "ACCEPT_INVITE", _("accepted an invitation")
    CHANGE_ROLE = "CHANGE_ROLE", _("changed a role")
    DEACTIVATE_PERSON = "DEACTIVATE_PERSON", _("deactivated a person")
    REACTIVATE_PERSON = "REACTIVATE_PERSON", _("re-activated a person")
    CHANGE_PASSWORD = "CHANGE_PASSWORD", _("changed a password")
    CHANGE_SECOND_FACTOR = "CHANGE_SECOND_FACTOR", _("changed a second factor")
    CHANGE_PROFILE = "CHANGE_PROFILE", _("changed a profile")
    END_SESSIONS = "END_SESSIONS", _("ended sessions")
    CREATE_API_CLIENT = "CREATE_API_CLIENT", _("created an API client")
    ROTATE_API_KEY = "ROTATE_API_KEY", _("made a second API key")
    REVOKE_API_KEY = "REVOKE_API_KEY", _("revoked an API key")
    CHANGE_API_SCOPES = "CHANGE_API_SCOPES", _("changed an API client's scopes")
