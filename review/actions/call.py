from django.db import transaction

from audit.actions import record
from audit.actors import Actor
from opsportal import clock
from review import calling, entity
from review.action_types import ReviewAction
from review.models import Call, Review
from review.queries.review import is_expected
from review.status import Standing, Status, standing_of


@transaction.atomic
def remind_of_review(*, actor: Actor, kind: str) -> Call | None:
    """Remind whoever is on duty of today's review: from its hour on, until it is late, unless somebody has begun it. Once.

    Returns None, and writes nothing, where there is nothing to remind of: also on a day outside the program.
    """
    review, standing = _today(kind)
    if standing is None or standing.status is not Status.DUE:
        return None
    call, made = _call(standing, Call.What.REMINDER)
    if not made:
        return None
    call.to = calling.tell_people(calling.people_to_remind(), call, standing, review)
    return _recorded(actor, ReviewAction.REMIND_OF_REVIEW, call)


@transaction.atomic
def escalate_review(*, actor: Actor, kind: str) -> Call | None:
    """Tell the CTOs, whoever is on duty and every destination that today's review was not signed by its hour. Once.

    Returns None, and writes nothing, where it is not late: also on a day outside the program, and when the day is over.
    """
    review, standing = _today(kind)
    if standing is None or not standing.is_late:
        return None
    call, made = _call(standing, Call.What.ESCALATION)
    if not made:
        return None
    people = calling.tell_people(calling.people_to_escalate_to(), call, standing, review)
    call.to = people + calling.tell_destination(call, standing, review)
    return _recorded(actor, ReviewAction.ESCALATE_REVIEW, call)


def _today(kind: str) -> tuple[Review | None, Standing | None]:
    day = clock.today()
    if not is_expected(day):
        return None, None
    review = Review.objects.defer("snapshot").filter(kind=kind, day=day).first()
    return review, standing_of(kind, day, review, now=clock.now())


def _call(standing: Standing, what: Call.What) -> tuple[Call, bool]:
    # Of two at once, the second waits here for the first, and finds its row.
    return Call.objects.get_or_create(kind=standing.kind, day=standing.day, what=what, defaults={"at": clock.now()})


def _recorded(actor: Actor, action_type: ReviewAction, call: Call) -> Call:
    call.save(update_fields=["to"])
    record(actor=actor, action_type=action_type, **entity.of_day(call.kind, call.day), changes={"to": (None, call.to)})
    return call
