from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.action_types import AccountAction
from accounts.models import Person
from audit.actions import record
from audit.actors import Actor
from opsportal.errors import NotFound


@transaction.atomic
def end_sessions(*, actor: Actor, person_id: int, keep: str = "", only: str = "", reason: str = "") -> int:
    """End all of a person's sessions, or all but the one with the key `keep`. Returns how many were ended.

    `only` narrows it to one, by the id it is listed with. Raises NotFound when that one is over, or is nobody's of theirs.
    """
    person = Person.objects.select_for_update(no_key=True).filter(pk=person_id).first()
    if person is None:
        raise NotFound(_("There is no such person."))
    ended = drop_sessions(person, keep=keep, only=only)
    if only and not ended:
        raise NotFound(_("This session is over already."))
    record(
        actor=actor, action_type=AccountAction.END_SESSIONS, entity_type="person", entity_id=person.pk, entity_label=str(person),
        reason=reason, changes={"ended": (None, ended)},
    )  # fmt: skip
    return ended


def drop_sessions(person: Person, *, keep: str = "", only: str = "") -> int:
    """Part of other actions, which record it. Without `keep` and `only` the session generation moves on too: no session made before counts."""
    tracked = UserSession.objects.filter(user=person).exclude(session_key=keep)
    if only:
        # An id has 19 digits at most; thousands of them are more than int() takes.
        tracked = tracked.filter(pk=int(only) if only.isascii() and only.isdigit() and len(only) < 20 else 0)
    keys = list(tracked.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    tracked.delete()
    if not keep and not only:
        Person.objects.filter(pk=person.pk).update(session_generation=F("session_generation") + 1)
    return len(keys)
