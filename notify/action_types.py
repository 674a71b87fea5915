from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NotifyAction(TextChoices):
    CREATE_DESTINATION = "CREATE_DESTINATION", _("added a destination")
    CHANGE_DESTINATION = "CHANGE_DESTINATION", _("changed a destination")
    TURN_DESTINATION_OFF = "TURN_DESTINATION_OFF", _("turned a destination off")
    TURN_DESTINATION_ON = "TURN_DESTINATION_ON", _("turned a destination on")
    ROTATE_DESTINATION_SECRET = "ROTATE_DESTINATION_SECRET", _("made a second signing secret")
    END_DESTINATION_SECRET = "END_DESTINATION_SECRET", _("ended a signing secret")
    TEST_DESTINATION = "TEST_DESTINATION", _("sent a test")
    RETRY_MESSAGE = "RETRY_MESSAGE", _("tried a message again")
    RETRY_MESSAGES = "RETRY_MESSAGES", _("tried messages again")
    SET_MESSAGE_ASIDE = "SET_MESSAGE_ASIDE", _("set a message aside")
    PURGE_SENT_MESSAGES = "PURGE_SENT_MESSAGES", _("removed old messages")
    PURGE_DEAD_MESSAGES = "PURGE_DEAD_MESSAGES", _("removed old dead messages")
