import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.action_types import AccountAction
from accounts.actions.person import add_person, check_email, check_role
from accounts.models import Person, PersonInvite
from audit.actions import Changes, record
from audit.actors import Actor, ActorKind
from opsportal import clock
from opsportal.errors import Conflict, NotFound

LIFETIME = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class NewInvite:
    """An invitation just made. Only its hash is kept, so `token` can be shown now and never again."""

    invite: PersonInvite
    token: str

    def __repr__(self) -> str:
        return f"NewInvite({self.invite})"


@transaction.atomic
def invite_person(*, actor: Actor, email: str, role: str, name: str = "", reason: str = "") -> NewInvite:
    """Make a one-time link, good for 72 hours. An earlier open link for the same address ends. Sends no mail: the link is handed over.

    Raises Conflict (email_taken) when the address belongs to a colleague already.
    """
    email = check_email(email)
    check_role(role)
    if Person.objects.filter(email__iexact=email).exists():
        raise Conflict(_("%(email)s belongs to a colleague already.") % {"email": email}, code="email_taken")
    with connection.cursor() as cursor:
        # Two people may invite the same colleague at once; this lock lets the second end the first's link.
        cursor.execute("LOCK TABLE accounts_personinvite IN SHARE ROW EXCLUSIVE MODE")
    replaced = PersonInvite.objects.filter(email__iexact=email, accepted_at=None, revoked_at=None).update(revoked_at=clock.now())
    token = secrets.token_urlsafe(32)
    invite = PersonInvite.objects.create(
        email=email, name=name.strip()[:100], role=role, token_hash=token_hash(token), invited_by=actor.label[:200], expires_at=clock.now() + LIFETIME
    )
    changes: dict[str, tuple[object, object]] = {"email": (None, email), "role": (None, role), "expires_at": (None, invite.expires_at)}
    if replaced:
        changes["earlier_links"] = (replaced, 0)
    _record(actor, AccountAction.INVITE_PERSON, invite, reason, changes)
    return NewInvite(invite, token)


@transaction.atomic
def revoke_invite(*, actor: Actor, invite_id: int, reason: str = "") -> PersonInvite:
    """End a link that nobody has used. Raises Conflict when it was used or revoked in the meantime."""
    invite = PersonInvite.objects.select_for_update().filter(pk=invite_id).first()
    if invite is None:
        raise NotFound(_("There is no such invitation."))
    if invite.accepted_at or invite.revoked_at:
        raise Conflict(_("This invitation was used or taken back already."), code="not_open")
    invite.revoked_at = clock.now()
    invite.save(update_fields=["revoked_at"])
    _record(actor, AccountAction.REVOKE_PERSON_INVITE, invite, reason, {"revoked_at": (None, invite.revoked_at)})
    return invite


@transaction.atomic
def accept_invite(*, actor: Actor, token: str, name: str, password: str) -> Person:
    """Become a colleague by a one-time link. Does not sign in.

    Raises NotFound for a link that was never made, Conflict (invite_used, invite_revoked, invite_expired) for one that
    no longer works, Invalid for a name or password that does not do: the link stays good then.
    """
    invite = PersonInvite.objects.select_for_update().filter(token_hash=token_hash(token)).first()
    if invite is None:
        raise NotFound(_("This link is not one of ours. Ask for a new one."))
    if not invite.is_open:
        raise closed(invite)
    person = add_person(email=invite.email, role=invite.role, name=name or invite.name, password=password)
    invite.accepted_at = clock.now()
    invite.save(update_fields=["accepted_at"])
    who = Actor.anonymous(invite.email) if actor.kind == ActorKind.ANONYMOUS else actor
    changes = {"email": (None, person.email), "role": (None, person.role), "invited_by": (None, invite.invited_by)}
    record(actor=who, action_type=AccountAction.ACCEPT_INVITE, entity_type="person", entity_id=person.pk, entity_label=str(person), changes=changes)
    return person


def closed(invite: PersonInvite) -> Conflict:
    """Why a link no longer works."""
    if invite.accepted_at:
        return Conflict(_("This link was used already. Sign in with the password you chose."), code="invite_used")
    if invite.revoked_at:
        return Conflict(_("This link was taken back. Ask for a new one."), code="invite_revoked")
    return Conflict(_("This link has expired; a link is good for 72 hours. Ask for a new one."), code="invite_expired")


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(actor: Actor, action_type: AccountAction, invite: PersonInvite, reason: str, changes: Changes) -> None:
    record(
        actor=actor,
        action_type=action_type,
        entity_type="person_invite",
        entity_id=invite.pk,
        entity_label=invite.email,
        reason=reason,
        changes=changes,
    )
