"""The lock of a review. Whoever changes anything of it holds its row, so that signing comes before or after it, never in between."""

from datetime import date

from django.utils.translation import gettext as _

from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from opsportal.lines import Line, lines_of
from review.models import Kind, Review, ReviewLine
from review.status import standing_of


def check_kind(kind: str) -> None:
    """Raises Invalid."""
    if kind not in Kind.values:
        raise Invalid(_("There is a morning and an evening review."), field="kind")


def open_review(kind: str, day: date) -> Review:
    """The review with its row locked, to be called inside a transaction.

    Raises NotFound (review_not_begun), Conflict (review_signed; review_over, when its time to be signed has passed).
    """
    check_kind(kind)
    review = Review.objects.select_for_update().filter(kind=kind, day=day).first()
    if review is None:
        raise NotFound(_("Nobody has begun this review."), code="review_not_begun")
    if review.is_signed:
        raise Conflict(_("%(who)s has signed this review: nothing of it changes any more.") % {"who": review.signed_by}, code="review_signed")
    if not standing_of(kind, day, review, now=clock.now()).is_open:
        raise Conflict(_("This review was not signed in time, and is over."), code="review_over")
    return review


def line_of(kind: str, key: str) -> Line:
    """Raises NotFound (line_unknown) for one that this review doesn't have."""
    for line in lines_of(kind):
        if line.key == key:
            return line
    raise NotFound(_("This review has no line “%(key)s”.") % {"key": key}, code="line_unknown")


def row_of(review: Review, line: Line) -> ReviewLine:
    """The line's row, made where it is missing: a line may have come with a deployment after the review was begun."""
    row, _made = ReviewLine.objects.get_or_create(review=review, key=line.key)
    return row
