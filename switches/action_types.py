from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SwitchAction(TextChoices):
    TURN_SWITCH_OFF = "TURN_SWITCH_OFF", _("turned a switch off")
    TURN_SWITCH_ON = "TURN_SWITCH_ON", _("turned a switch on")
    CHANGE_SWITCH_END = "CHANGE_SWITCH_END", _("changed how long a switch stays off")
    SWITCH_ON_AGAIN = "SWITCH_ON_AGAIN", _("turned a switch on at the time set")
    ADD_SWITCH = "ADD_SWITCH", _("added a switch")
    DESCRIBE_SWITCH = "DESCRIBE_SWITCH", _("described a switch")
    REMOVE_SWITCH = "REMOVE_SWITCH", _("removed a switch")
