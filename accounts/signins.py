"""Sign-ins, sign-outs and changes of passwords and second factors, as rows of the audit log. allauth tells of them by signals."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import authentication_step_completed, user_logged_in
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.action_types import AccountAction
from accounts.models import Person
from audit.actions import Changes, record
from audit.actors import Actor

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_WORDS = {Authenticator.Type.TOTP: "authenticator app", Authenticator.Type.WEBAUTHN: "passkey", Authenticator.Type.RECOVERY_CODES: "recovery codes"}
NOT_AN_ADDRESS = "something that is no address"


def note(action_type: AccountAction, person: Person, *, actor: Actor | None = None, changes: Changes | None = None) -> None:
    """One row about a person, by default of their own doing, in a transaction of its own where there is none."""
    with transaction.atomic():
        record(
            actor=actor or person.actor, action_type=action_type, entity_type="person", entity_id=person.pk, entity_label=str(person), changes=changes
        )  # fmt: skip


@transaction.atomic
def note_failure(who: Person | None, tried: str, why: str) -> None:
    """A sign-in that was refused. `tried` is what stood in the address field; kept only if it looks like an address,
    since people type passwords there."""
    label = tried[:200] if "@" in tried else NOT_AN_ADDRESS
    actor = who.actor if who else Actor.anonymous(label)
    record(actor=actor, action_type=AccountAction.SIGN_IN_FAILED, entity_type="person" if who else "", entity_id=who.pk if who else "",
           entity_label=str(who) if who else "", changes={"refused_because": (None, why)})  # fmt: skip


def methods_of(request: HttpRequest, person: Person) -> str:
    """How this session proved who it is: "password + authenticator app"."""
    return " + ".join(dict.fromkeys(_method(one) for one in get_authentication_records(request, person)))


def _method(entry: dict[str, Any]) -> str:
    return _WORDS.get(entry.get("type", ""), str(entry["method"]))


@receiver(user_logged_in)
def on_sign_in(request: HttpRequest, user: Person, **kwargs: object) -> None:
    note(AccountAction.SIGN_IN, user, changes={"method": (None, methods_of(request, user))})


@receiver(authentication_step_completed)
def on_step(request: HttpRequest, user: Person, method: str, **extra: Any) -> None:
    if extra.get("reauthenticated"):
        note(AccountAction.CONFIRM_IDENTITY, user, changes={"method": (None, _method({"method": method, **extra}))})


@receiver(mfa.authentication_failed)
def on_wrong_code(user: Person, authenticator: Authenticator, **kwargs: object) -> None:
    note_failure(user, user.email, f"wrong code: {_WORDS[authenticator.type]}")


@receiver(mfa.authenticator_added)
def on_added(user: Person, authenticator: Authenticator, **kwargs: object) -> None:
    # Recovery codes come along with the first authenticator: one act, one row.
    if authenticator.type in STRONG:
        note(AccountAction.CHANGE_SECOND_FACTOR, user, changes={"factor": (None, _WORDS[authenticator.type])})


@receiver(mfa.authenticator_removed)
def on_removed(user: Person, authenticator: Authenticator, **kwargs: object) -> None:
    if authenticator.type in STRONG:
        note(AccountAction.CHANGE_SECOND_FACTOR, user, changes={"factor": (_WORDS[authenticator.type], None)})


@receiver(mfa.authenticator_reset)
def on_new_codes(user: Person, authenticator: Authenticator, **kwargs: object) -> None:
    note(AccountAction.CHANGE_SECOND_FACTOR, user, changes={"factor": (_WORDS[authenticator.type], f"new {_WORDS[authenticator.type]}")})


@receiver([post_save, post_delete], sender=Authenticator)
def keep_second_factor(instance: Authenticator, **kwargs: object) -> None:
    has = Authenticator.objects.filter(user_id=instance.user_id, type__in=STRONG).exists()
    Person.objects.filter(pk=instance.user_id).exclude(second_factor=has).update(second_factor=has)
