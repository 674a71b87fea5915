from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class HealthAction(TextChoices):
    CREATE_PING = "CREATE_PING", _("created a ping")
    CHANGE_PING = "CHANGE_PING", _("changed a ping")
    PAUSE_PING = "PAUSE_PING", _("paused a ping")
    RESUME_PING = "RESUME_PING", _("resumed a ping")
    DELETE_PING = "DELETE_PING", _("deleted a ping")
    CREATE_PING_KEY = "CREATE_PING_KEY", _("made a ping key")
    REVOKE_PING_KEY = "REVOKE_PING_KEY", _("revoked a ping key")
    CREATE_PROBE = "CREATE_PROBE", _("created a probe")
    CHANGE_PROBE = "CHANGE_PROBE", _("changed a probe")
    PAUSE_PROBE = "PAUSE_PROBE", _("paused a probe")
    RESUME_PROBE = "RESUME_PROBE", _("resumed a probe")
    DELETE_PROBE = "DELETE_PROBE", _("deleted a probe")
    RUN_PROBE = "RUN_PROBE", _("had a probe look now")
