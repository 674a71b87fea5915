"""What comes next, from what the page has read already and one query for the invites."""

from collections.abc import Iterable
from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beta.queries.invite import expiring
from catalog.frame import attention_of
from jobs.frame import desk_of
from jobs.job import Job
from opsportal import clock
from opsportal.components import Event
from review.models import Kind
from review.status import Status, hours, moment
from review.today.program import program_day
from review.today.reviews import Card, cards_of
from switches.registry import switches

DAY = timedelta(hours=24)
# Whose switches the portal's own jobs have.
OWN = "OpsPortal"
JOBS, SHOWN = 4, 8


def upcoming_of(request: HttpRequest) -> list[Event]:
    """The next first; nothing that is more than a day away."""
    found = [*_reviews(cards_of(request), program_day(request).goes_on), *_jobs(request), *_ends(request)]
    now = clock.now()
    return sorted((event for event in found if now < event.at <= now + DAY), key=lambda event: event.at)[:SHOWN]


def _reviews(cards: list[Card], goes_on: bool) -> Iterable[Event]:
    words = {Kind.MORNING: _("The morning review is due"), Kind.EVENING: _("The evening review is due")}
    for card in cards:
        if card.is_expected and card.standing.status is Status.WAITING:
            yield Event(card.standing.at, words[card.kind], icon="reviews", url=reverse("reviews"))
        elif goes_on and card.kind is Kind.MORNING:
            tomorrow = moment(card.standing.day + timedelta(days=1), hours(card.kind)[0])
            yield Event(tomorrow, words[card.kind], _("tomorrow"), icon="reviews", url=reverse("reviews"))


def _jobs(request: HttpRequest) -> list[Event]:
    """The next slot of each of the product's jobs that will run; the portal's own run every few minutes."""
    if not request.user.has_perm("jobs.view"):
        return []
    views = [view for view in desk_of(request).jobs if view.why_next is None and not _is_own(view.job)]
    due = sorted(views, key=lambda view: (view.next_due, view.job.name))[:JOBS]
    return [Event(view.next_due, _("%(job)s runs") % {"job": view.job.title}, icon="jobs", url=reverse("job", args=[view.job.name])) for view in due]


def _is_own(job: Job) -> bool:
    switch = switches().get(job.switch)
    return switch is not None and str(switch.owner) == OWN


def _ends(request: HttpRequest) -> Iterable[Event]:
    if request.user.has_perm("beta.view"):
        invites, first = expiring(clock.now() + DAY)
        if first is not None:
            text = ngettext("%(n)s use of an invite expires", "%(n)s uses of invites expire", invites) % {"n": invites}
            yield Event(first, text, _("the first of them") if invites > 1 else "", icon="invite", url=reverse("beta_invites"))
    if request.user.has_perm("catalog.view"):
        seen = attention_of(request)
        if seen.expires_first is not None:
            text = ngettext("%(n)s override ends", "%(n)s overrides end", seen.expiring) % {"n": seen.expiring}
            detail = _("the first of them; the store's price shows again") if seen.expiring > 1 else _("the store's price shows again")
            yield Event(seen.expires_first, text, detail, icon="catalog", url=reverse("offer_overrides"))
