from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewAction(models.TextChoices):
    BEGIN_REVIEW = "BEGIN_REVIEW", _("began a review")
    TICK_LINE = "TICK_LINE", _("ticked a line of a review")
    UNTICK_LINE = "UNTICK_LINE", _("took back the tick of a review's line")
    NOTE_LINE = "NOTE_LINE", _("wrote a note on a review's line")
    NOTE_REVIEW = "NOTE_REVIEW", _("wrote the note of a review")
    ASSIGN_LINE = "ASSIGN_LINE", _("assigned a line of a review")
    SNOOZE_LINE = "SNOOZE_LINE", _("snoozed a line")
    WAKE_LINE = "WAKE_LINE", _("ended the snooze of a line")
    SIGN_REVIEW = "SIGN_REVIEW", _("signed a review")
    REMIND_OF_REVIEW = "REMIND_OF_REVIEW", _("reminded of a review")
    ESCALATE_REVIEW = "ESCALATE_REVIEW", _("escalated a review")
    PURGE_SAMPLES = "PURGE_SAMPLES", _("removed old figures of reviews")
    TAKE_DUTY = "TAKE_DUTY", _("took duty")
    END_DUTY = "END_DUTY", _("ended duty")
    WRITE_HANDOVER = "WRITE_HANDOVER", _("wrote a handover note")
