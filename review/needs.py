"""What of the reviews and of duty needs a person now."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from opsportal import needs
from opsportal.lines import Act, State
from opsportal.needs import Need
from opsportal.words import Words
from review.models import Kind
from review.status import Standing, Status
from review.today.duty import duty_of
from review.today.program import program_day
from review.today.reviews import Card, cards_of

DUE = {Kind.MORNING: gettext_noop("The morning review waits"), Kind.EVENING: gettext_noop("The evening review waits")}
LATE = {Kind.MORNING: gettext_noop("The morning review is late"), Kind.EVENING: gettext_noop("The evening review is late")}
MISSED = {
    Kind.MORNING: gettext_noop("Nobody signed the morning review of yesterday"), Kind.EVENING: gettext_noop("Nobody signed the evening review of yesterday"),
}  # fmt: skip


def found(request: HttpRequest) -> Iterable[Need]:
    if not request.user.has_perm("review.view"):
        return
    for card in cards_of(request):
        yield from _of_today(card)
        yield from _of_yesterday(card)
    if program_day(request).number is not None and duty_of(request).shift is None:
        act = Act(Words(gettext_noop("Take duty")), reverse("duty_take"), "review.do", is_post=True)
        yield Need(needs.TRUST, State.WARN, _("Nobody is on duty"), _("Reminders go to everybody who may do reviews."), reverse("duty"), act)


def _of_today(card: Card) -> Iterable[Need]:
    standing = card.standing
    if not card.needs_a_person:
        return
    by = date_format(localtime(standing.by), "TIME_FORMAT")
    title = LATE[card.kind] if standing.is_late else DUE[card.kind]
    detail = _("It should have been signed by %(by)s.") if standing.is_late else _("To be signed by %(by)s.")
    harm, state = (needs.TRUST, State.FAIL) if standing.is_late else (needs.WAITING, State.WARN)
    yield Need(harm, state, _(title), detail % {"by": by}, _url(standing), _act(card), standing.at)


def _of_yesterday(card: Card) -> Iterable[Need]:
    if card.yesterday.status is Status.BEGUN:
        label = Words(gettext_noop("Continue"))
        until = date_format(localtime(card.yesterday.until), "TIME_FORMAT")
        detail = _("It was begun, and can be signed until %(until)s.") % {"until": until}
        url = _url(card.yesterday)
        yield Need(needs.WAITING, State.WARN, _(MISSED[card.kind]), detail, url, Act(label, url, "review.do"), card.yesterday.at)
    if card.missed_yesterday:
        detail = _("What it would have found is not known. It can't be made up for; the trends of its lines are there.")
        act = Act(Words(gettext_noop("See the days")), reverse("reviews"), "review.view")
        yield Need(needs.UNTIDY, State.WARN, _(MISSED[card.kind]), detail, reverse("reviews"), act, card.yesterday.at)


def _act(card: Card) -> Act:
    if card.standing.can_begin:
        return Act(Words(gettext_noop("Begin")), _url(card.standing), "review.do")
    return Act(Words(gettext_noop("Continue")), _url(card.standing), "review.do")


def _url(standing: Standing) -> str:
    return reverse("review", args=[standing.kind, standing.day.isoformat()])


def register() -> None:
    needs.register_needs(found)
