"""What the sweep does about webhook events: those of which nobody was told, whose next try is due, or whose worker died."""

from django.utils.translation import gettext as _

from billing.intake import refusing, telling
from billing.processing.claiming import due_pks, give_up_lost
from jobs.deadline import Deadline
from jobs.sweeps import register_sweep

MOST_AT_ONCE = 1000


def register() -> None:
    register_sweep("webhook events", tell_of_due)
    register_sweep("refused webhooks", lambda deadline: refusing.purge())


def tell_of_due(deadline: Deadline) -> int:
    """Tell workers of what is due, oldest first. One message too many does nothing. Returns how many events were found."""
    given_up = give_up_lost(_("Every try ended with its worker: the event may be what ended it."))
    found = due_pks(MOST_AT_ONCE)
    telling.tell(found)
    return given_up + len(found)
