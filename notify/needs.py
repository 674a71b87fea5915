"""What of the outbox needs a person now, and its tile on Today. From the count that the frame has made already."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from notify.frame import dead_of
from opsportal import needs
from opsportal.lines import Act, State
from opsportal.needs import Gauge, Need
from opsportal.words import Figure, Words

LINE = "notify-dead"


def found(request: HttpRequest) -> Iterable[Need]:
    if not request.user.has_perm("notify.view") or not (dead := dead_of(request)):
        return
    title = ngettext("%(n)s message did not get through", "%(n)s messages did not get through", dead) % {"n": dead}
    url = f"{reverse('notify')}?state=dead"
    act = Act(Words(gettext_noop("Look at them")), url, "notify.view")
    yield Need(needs.WAITING, State.FAIL, title, _("Every try failed: somebody waits for something that will not come."), url, act)


def undelivered(request: HttpRequest) -> Gauge | None:
    if not request.user.has_perm("notify.view"):
        return None
    dead = dead_of(request)
    return Gauge(_("Messages undelivered"), Figure(dead), State.FAIL if dead else State.OK, _("should be 0"), reverse("notify"), line=LINE)


def register() -> None:
    needs.register_needs(found)
    needs.register_gauge(undelivered, order=60)
