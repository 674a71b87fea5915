"""What reviews show around every page: their line of the navigation."""

from django.utils.translation import gettext_lazy as _

from opsportal import frame


def register() -> None:
    frame.register_nav(frame.NavItem(_("Reviews"), "reviews", "reviews", "review.view", group="duty", order=10, prefix="/ops/reviews/"))
