from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from opsportal import clock
from opsportal.errors import Conflict, Invalid
from review import entity, reading
from review.action_types import ReviewAction
from review.locking import check_kind, open_review
from review.models import Review
from review.notes import checked, checked_note
from review.queries.review import page_of
from review.snapshot import freeze


@transaction.atomic
def begin_review(*, actor: Actor, kind: str, day: date | None = None) -> Review:
    """Begin today's review, and read all its lines. Begun already: it is returned as it is, and nothing is written.

    Raises Conflict (review_over, review_not_yet) for any day but today, Invalid for a kind that there is not.
    """
    check_kind(kind)
    today = clock.today()
    day = day or today
    if found := Review.objects.filter(kind=kind, day=day).first():
        return found
    if day < today:
        raise Conflict(_("That day is over. A review can only be begun on its own day."), code="review_over")
    if day > today:
        raise Conflict(_("That day has not come yet."), code="review_not_yet")
    review, made = Review.objects.get_or_create(
        kind=kind, day=day, defaults={"begun_at": clock.now(), "begun_by": actor.label, "begun_by_id": actor.id}
    )
    if made:
        record(actor=actor, action_type=ReviewAction.BEGIN_REVIEW, **entity.of_review(review))
        reading.ask(review)
    return review


@transaction.atomic
def note_review(*, actor: Actor, kind: str, day: date, note: str, seen: str) -> Review:
    """Write what the next review should know. `seen`: the note that the writer had before them.

    Raises Conflict (note_moved) where somebody else has written meanwhile, Invalid for one that is too long, and what
    open_review() raises. The same note again changes nothing.
    """
    review = open_review(kind, day)
    before, note = review.note, checked_note(note, now=review.note, seen=seen)
    if note != before:
        review.note = note
        review.save(update_fields=["note"])
        record(actor=actor, action_type=ReviewAction.NOTE_REVIEW, **entity.of_review(review), changes={"note": (before, note)})
    return review


@transaction.atomic
def sign_review(*, actor: Actor, kind: str, day: date, reason: str = "") -> Review:
    """Sign the review: what it shows at this moment is frozen for good. A line that was never read is frozen as unknown.

    Raises Invalid (field reason) where lines fail that nobody has snoozed and no reason is given, Conflict (being_read) while the first
    answer of a line is on its way, and what open_review() raises: of two who sign at once, one gets Conflict (review_signed).
    """
    review, reason = open_review(kind, day), checked(reason, field="reason")
    page = page_of(kind, day)
    if page.unseen:
        # Else whoever begins and signs at once gets around the reason for what fails. A lost reading is no obstacle after LOST_AFTER.
        raise Conflict(_("Lines are being read for the first time. Sign when their figures are there."), code="being_read")
    if page.open_fails and not reason:
        raise Invalid(_("Lines fail: say why the review is signed all the same."), field="reason", open_fails=len(page.open_fails))
    review.signed_at, review.signed_by, review.signed_by_id = clock.now(), actor.label, actor.id
    review.sign_reason, review.counts, review.snapshot = reason, page.counts, freeze(page)
    review.save()
    changes = {"signed": (False, True), **{state: (None, count) for state, count in page.counts.items()}, "ticked": (None, page.ticked)}
    record(actor=actor, action_type=ReviewAction.SIGN_REVIEW, **entity.of_review(review), reason=reason, changes=changes)
    return review
