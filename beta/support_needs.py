"""Who has waited too long for an answer, for Today."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from beta.models import SupportMessage
from beta.queries.support import MOST_COUNTED, overdue_messages
from opsportal.lines import Act, State
from opsportal.needs import WAITING, Need
from opsportal.words import Words

MOST_SHOWN = 3


def needs(request: HttpRequest) -> Iterator[Need]:
    """Complaints one by one, three at most, and the rest as one. One query."""
    if not request.user.has_perm("beta.view"):
        return
    found = list(overdue_messages())
    complaints = [one for one in found if one.kind == SupportMessage.Kind.COMPLAINT]
    for one in complaints[:MOST_SHOWN]:
        yield _complaint(one)
    shown = {one.pk for one in complaints[:MOST_SHOWN]}
    if rest := [one for one in found if one.pk not in shown]:
        yield _rest(rest, is_capped=len(found) >= MOST_COUNTED)


def _complaint(message: SupportMessage) -> Need:
    who = message.household or message.contact or message.household_key
    url = reverse("beta_support_message", args=[message.pk])
    act = Act(Words(gettext_noop("Answer it")), url, "beta.answer_support")
    title = _("%(who)s complains, and nobody has answered") % {"who": who}
    return Need(WAITING, State.FAIL, title, str(message), url, act, message.waiting_since)


def _rest(found: list[SupportMessage], *, is_capped: bool) -> Need:
    count = f"{len(found)}+" if is_capped else str(len(found))
    title = ngettext("%(n)s more message has waited too long for an answer", "%(n)s more messages have waited too long for an answer", len(found))
    url = reverse("beta_support")
    act = Act(Words(gettext_noop("Answer them")), url, "beta.answer_support")
    detail = _("Complaints are answered within 4 hours, others within 24.")
    return Need(WAITING, State.WARN, title % {"n": count}, detail, url, act, found[0].waiting_since)
