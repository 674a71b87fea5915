from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.action_types import AccountAction
from accounts.actions.session import drop_sessions
from accounts.models import Person, PersonInvite
from accounts.roles import Role
from audit.actions import Changes, record
from audit.actors import Actor
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound


@transaction.atomic
def create_person(*, actor: Actor, email: str, role: str, name: str = "", password: str | None = None, reason: str = "") -> Person:
    """Add a colleague. Without a password nobody can sign in as them until one is set by a reset link.

    Raises Invalid for an address, role or password that does not do, Conflict for an address that is taken.
    """
    person = add_person(email=email, role=role, name=name, password=password)
    _record(actor, AccountAction.CREATE_PERSON, person, reason, {"email": (None, person.email), "role": (None, person.role)})
    return person


@transaction.atomic
def create_first_person(*, actor: Actor, email: str, name: str, password: str) -> Person:
    """Make the first CTO of an empty portal. Raises Conflict (not_empty) as soon as there is anybody."""
    with connection.cursor() as cursor:
        # Two people may press the button at once; this lock lets the second see the first's row.
        cursor.execute("LOCK TABLE accounts_person IN SHARE ROW EXCLUSIVE MODE")
    if Person.objects.exists():
        raise Conflict(_("The first person is there already. Sign in, or ask them to invite you."), code="not_empty")
    return create_person(actor=actor, email=email, role=Role.CTO, name=name, password=password, reason=_("First run"))


@transaction.atomic
def change_role(*, actor: Actor, person_id: int, role: str, reason: str = "") -> Person:
    """Give a person another role, from their next request on. Raises Conflict (last_cto) for the last active CTO."""
    check_role(role)
    person, last_cto = _locked(person_id)
    if person.role == role:
        raise Conflict(_("%(person)s has this role already.") % {"person": person}, code="unchanged")
    if last_cto:
        raise _last_cto(person)
    before, person.role = person.role, role
    person.save(update_fields=["role"])
    join_group(person)
    _record(actor, AccountAction.CHANGE_ROLE, person, reason, {"role": (before, role)})
    return person


@transaction.atomic
def deactivate_person(*, actor: Actor, person_id: int, reason: str) -> Person:
    """Shut a person out: their sessions end now, and they can't sign in. Nothing of theirs is deleted.

    Raises Invalid without a reason, Conflict (last_cto) for the last active CTO.
    """
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    person, last_cto = _locked(person_id)
    if not person.is_active:
        raise Conflict(_("%(person)s is deactivated already.") % {"person": person}, code="unchanged")
    if last_cto:
        raise _last_cto(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    ended = drop_sessions(person)
    PersonInvite.objects.filter(email__iexact=person.email, accepted_at=None, revoked_at=None).update(revoked_at=clock.now())
    _record(actor, AccountAction.DEACTIVATE_PERSON, person, reason, {"active": (True, False), "sessions": (ended, 0)})
    return person


@transaction.atomic
def reactivate_person(*, actor: Actor, person_id: int, reason: str = "") -> Person:
    """Let a person in again, with the role and password they had. Their old sessions stay ended."""
    person, _last = _locked(person_id)
    if person.is_active:
        raise Conflict(_("%(person)s is active already.") % {"person": person}, code="unchanged")
    person.is_active = True
    person.save(update_fields=["is_active"])
    _record(actor, AccountAction.REACTIVATE_PERSON, person, reason, {"active": (False, True)})
    return person


@transaction.atomic
def change_profile(*, actor: Actor, person_id: int, name: str, language: str, time_zone: str) -> Person:
    """The person's own name, language and time zone (empty: the team's). The address stays: it is the name in the audit log."""
    person, _last = _locked(person_id)
    wanted = {"name": check_name(name), "language": language, "time_zone": time_zone}
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("Choose one of the languages."), field="language")
    if time_zone and time_zone not in available_timezones():
        raise Invalid(_("“%(zone)s” is no time zone; write one like America/Sao_Paulo.") % {"zone": time_zone}, field="time_zone")
    changes = {field: (getattr(person, field), value) for field, value in wanted.items() if getattr(person, field) != value}
    for field, value in wanted.items():
        setattr(person, field, value)
    person.save(update_fields=list(wanted))
    _record(actor, AccountAction.CHANGE_PROFILE, person, "", changes)
    return person


def check_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(_("“%(email)s” is no email address.") % {"email": email}, field="email") from None
    if len(email) > 200:
        raise Invalid(_("The address is longer than 200 characters."), field="email")
    return email


def check_role(role: str) -> None:
    if role not in Role.values:
        raise Invalid(_("“%(role)s” is no role. There are: %(known)s.") % {"role": role, "known": ", ".join(Role.values)}, field="role")


def check_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 100:
        raise Invalid(_("Write a name of 1 to 100 characters."), field="name")
    return name


def join_group(person: Person) -> None:
    group, _made = Group.objects.get_or_create(name=person.role)
    person.groups.set([group])


def add_person(*, email: str, role: str, name: str, password: str | None) -> Person:
    """Part of other actions, which record it."""
    check_role(role)
    language = get_language() if get_language() in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    person = Person(email=check_email(email), role=role, name=check_name(name or email.partition("@")[0]), language=language)
    if Person.objects.filter(email__iexact=person.email).exists():
        raise _taken(person.email)
    if password is not None:
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), field="password") from None
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise _taken(person.email) from None
    join_group(person)
    return person


def _taken(email: str) -> Conflict:
    return Conflict(_("%(email)s belongs to a colleague already.") % {"email": email}, code="email_taken")


def _locked(person_id: int) -> tuple[Person, bool]:
    """The person, locked together with every active CTO, and whether they are the last of these.

    The lock on the CTOs makes two of them who demote each other take turns, and the second is refused.
    """
    ctos = Q(role=Role.CTO, is_active=True)
    rows = list(Person.objects.select_for_update(no_key=True).filter(Q(pk=person_id) | ctos).order_by("pk"))
    person = next((row for row in rows if row.pk == person_id), None)
    if person is None:
        raise NotFound(_("There is no such person."))
    others = [row for row in rows if row.pk != person_id]
    return person, person.role == Role.CTO and person.is_active and not others


def _last_cto(person: Person) -> Conflict:
    return Conflict(_("%(person)s is the last active CTO. Make somebody else CTO first.") % {"person": person}, code="last_cto")


def _record(actor: Actor, action_type: AccountAction, person: Person, reason: str, changes: Changes) -> None:
    record(actor=actor, action_type=action_type, entity_type="person", entity_id=person.pk, entity_label=str(person), reason=reason, changes=changes)
