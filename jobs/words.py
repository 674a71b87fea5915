"""Every code of the engine in words: why a slot or a run did not run, and how a run ended."""

from datetime import datetime

from django.utils import formats
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opsportal import clock

NOT_RUN: dict[str, Promise | str] = {
    "master_off": gettext_lazy("The master switch ENABLE_JOBS is off."),
    "switch_off": gettext_lazy("The job's switch is off."),
    "too_soon": gettext_lazy("The last run began less than the minimum interval before."),
    "already_running": gettext_lazy("Another run of this job was waiting or running."),
    "missed": gettext_lazy("No scheduler ran at that time."),
    "unknown_job": gettext_lazy("This version of the portal has no such job."),
}
ENDED: dict[str, Promise | str] = {
    "all_done": gettext_lazy("Everything was done."),
    "max_batches": gettext_lazy("It did as many batches as one run may; the next run goes on from there."),
    "time_guard": gettext_lazy("Its time was up; the next run goes on from there."),
    "master_off": gettext_lazy("The master switch ENABLE_JOBS was turned off meanwhile."),
    "switch_off": gettext_lazy("The job's switch was turned off meanwhile."),
    "stopped": gettext_lazy("A person stopped it."),
    "every_item_failed": gettext_lazy("Not one item could be done."),
    "error": gettext_lazy("The job failed."),
    "time_limit": gettext_lazy("It went on beyond its time guard and was cut off."),
    "lease_lost": gettext_lazy("Its lease ran out, so it could not write any more."),
    "lost": gettext_lazy("Its worker gave no sign of life until the lease ran out. The next run goes on where it stood."),
    "database_away": gettext_lazy("The database went away. The next run goes on where it stood."),
    "worker_stopped": gettext_lazy("The worker was stopped. The next run goes on where it stood."),
}


def not_run(code: str, until: datetime | None = None) -> str:
    """Why it does not, or did not, run; with the moment at which that ends, if it is known and still ahead."""
    words = str(NOT_RUN.get(code, code))
    if until is None or until <= clock.now():
        return words
    return _("%(why)s Until %(time)s.") % {"why": words, "time": formats.date_format(localtime(until), "SHORT_DATETIME_FORMAT")}


def ended(code: str) -> str:
    return str(ENDED.get(code) or NOT_RUN.get(code, code))
