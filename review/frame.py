"""What reviews show around every page: their line of the navigation."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from opsportal import frame
from review.today.program import program_day
from review.today.reviews import cards_of


def _waiting(request: HttpRequest) -> int:
    """Reviews of today that are due, late or begun, and not signed. Outside the program nobody asks for one, but what was begun is to be signed."""
    is_asked_for = program_day(request).is_expected[0]
    return sum(card.needs_a_person and (is_asked_for or card.review is not None) for card in cards_of(request))


def register() -> None:
    item = frame.NavItem(_("Reviews"), "reviews", "reviews", "review.view", group="duty", order=10, prefix="/ops/reviews/", count=_waiting)
    frame.register_nav(item)
