from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewAction(models.TextChoices):
    BEGIN_REVIEW = "BEGIN_REVIEW", _("review begun")
    TICK_LINE = "TICK_LINE", _("line of a review ticked")
    UNTICK_LINE = "UNTICK_LINE", _("tick of a review's line taken back")
    NOTE_LINE = "NOTE_LINE", _("note on a review's line")
    NOTE_REVIEW = "NOTE_REVIEW", _("note of a review")
    ASSIGN_LINE = "ASSIGN_LINE", _("line of a review assigned")
    SNOOZE_LINE = "SNOOZE_LINE", _("line snoozed")
    WAKE_LINE = "WAKE_LINE", _("snooze of a line ended")
    SIGN_REVIEW = "SIGN_REVIEW", _("review signed")
    REMIND_OF_REVIEW = "REMIND_OF_REVIEW", _("reminded of a review")
    ESCALATE_REVIEW = "ESCALATE_REVIEW", _("review escalated")
    PURGE_SAMPLES = "PURGE_SAMPLES", _("old figures of reviews removed")
    TAKE_DUTY = "TAKE_DUTY", _("duty taken")
    END_DUTY = "END_DUTY", _("duty ended")
    WRITE_HANDOVER = "WRITE_HANDOVER", _("handover note written")
