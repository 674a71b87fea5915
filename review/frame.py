"""What reviews show around every page: their line of the navigation, and the way back to one that is under way."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from opsportal import frame
from review.today.program import program_day
from review.today.reviews import cards_of


def _waiting(request: HttpRequest) -> int:
    """Reviews of today that are due, late or begun, and not signed. Outside the program nobody asks for one, but what was begun is to be signed."""
    is_asked_for = program_day(request).is_expected[0]
    return sum(card.needs_a_person and (is_asked_for or card.review is not None) for card in cards_of(request))


def fact(request: HttpRequest) -> frame.Fact | None:
    """The review that somebody is at: an act leads to another page, and this back to the line."""
    card = next((card for card in cards_of(request) if card.standing.is_open), None)
    if card is None or card.review is None:
        return None
    word = gettext("%(done)s of %(total)s") % {"done": card.done, "total": card.total}
    url = reverse("review", args=[card.kind, card.review.day.isoformat()])
    return frame.Fact(card.label, word, "warn" if card.standing.is_late else "off", url)


def register() -> None:
    frame.register_fact(fact, order=50)
    item = frame.NavItem(_("Reviews"), "reviews", "reviews", "review.view", group="duty", order=10, prefix="/ops/reviews/", count=_waiting)
    frame.register_nav(item)
