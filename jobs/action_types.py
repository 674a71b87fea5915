from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class JobAction(TextChoices):
    RUN_JOB = "RUN_JOB", _("asked for a run of a job")
    RERUN_FAILED_ITEMS = "RERUN_FAILED_ITEMS", _("asked for failed items to be done again")
    STOP_RUN = "STOP_RUN", _("stopped a run at its next batch")
    CHANGE_SCHEDULE = "CHANGE_SCHEDULE", _("changed a job's schedule")
    SET_ITEM_ASIDE = "SET_ITEM_ASIDE", _("set a failed item aside")
    PURGE_RUNS = "PURGE_RUNS", _("removed old runs")
    HOLD_BACK_GUESSES = "HOLD_BACK_GUESSES", _("held an address back that sent wrong secrets")
