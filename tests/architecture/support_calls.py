"""How to call the actions about support messages."""

from collections.abc import Callable
from datetime import timedelta

from beta import actions as beta
from beta.actions.support_intake import Written
from opsportal import clock
from tests.architecture.calling import Call, prepared
from tests.factories import make_household, make_person, make_support_message


def answered() -> Call:
    return prepared(beta.reopen_message, message_id=make_support_message(answered_at=clock.now()).pk, reason="not settled")


def old() -> Call:
    make_support_message(answered_at=clock.now() - timedelta(days=401))
    return prepared(beta.purge_messages)


def assigned() -> Call:
    return prepared(beta.assign_message, message_id=make_support_message().pk, person_id=make_person(role="support").pk, was_id=None)


SUPPORT: dict[str, Callable[[], Call]] = {
    "beta.answer_message": lambda: prepared(beta.answer_message, message_id=make_support_message().pk, note="Explained"),
    "beta.assign_message": assigned,
    "beta.classify_message": lambda: prepared(beta.classify_message, message_id=make_support_message().pk, kind="bug"),
    "beta.link_message": lambda: prepared(beta.link_message, message_id=make_support_message().pk, household_id=make_household().pk),
    "beta.purge_messages": old,
    "beta.record_message": lambda: prepared(beta.record_message, message=Written("Hello", "app", contact="ana"), idempotency_key="m-1"),
    "beta.reopen_message": answered,
}
