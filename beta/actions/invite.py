import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from beta.action_types import BetaAction
from beta.models import Invite
from beta.queries import newest_invites
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

# Without 0 O 1 I L U: read over the telephone, typed on a phone. 30^12 is more than 58 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
MOST_AT_ONCE, MOST_USES, MOST_DAYS = 1000, 100_000, 3650


def create_invites(*, actor: Actor, count: int, uses: int = 1, days: int | None = None, batch: str = "", code: str = "") -> list[Invite]:
    """`count` invites of `uses` uses each, good for `days` days (None: until revoked). `code` names a single one.

    Raises Invalid for numbers out of range, Conflict for a code that exists.
    """
    _check(count, uses, days, code)
    expires_at = clock.now() + timedelta(days=days) if days else None
    codes = [code.strip().upper()] if code else [_new_code() for _number in range(count)]
    made = [Invite(code=each, batch=batch.strip(), max_uses=uses, expires_at=expires_at, created_by=actor.label) for each in codes]
    try:
        with transaction.atomic():
            Invite.objects.bulk_create(made)
            record(
                actor=actor, action_type=BetaAction.CREATE_INVITES, entity_type="invite", entity_id=made[0].pk if count == 1 else "",
                entity_label=code or batch or _("%(count)s invites") % {"count": count},
                changes={"count": (0, count), "uses_each": (None, uses), "expires_at": (None, expires_at), "batch": (None, batch.strip() or None)},
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(_("There is an invite with this code already.")) from None
    return made


@transaction.atomic
def revoke_invite(*, actor: Actor, invite_id: int, reason: str = "") -> Invite:
    """The code lets nobody in from now on; households that used it keep their seats."""
    invite = Invite.objects.select_for_update().filter(pk=invite_id).first()
    if invite is None:
        raise NotFound(_("There is no such invite."))
    if invite.revoked_at:
        raise Conflict(_("This invite was revoked already."))
    invite.revoked_at, invite.revoked_by = clock.now(), actor.label
    invite.save(update_fields=["revoked_at", "revoked_by"])
    record(
        actor=actor, action_type=BetaAction.REVOKE_INVITE, entity_type="invite", entity_id=invite.pk, entity_label=invite.code, reason=reason,
        changes={"revoked_at": (None, invite.revoked_at), "uses_left": (invite.max_uses - invite.uses, 0)},
    )  # fmt: skip
    return invite


@transaction.atomic
def export_invites(*, actor: Actor, state: str = "") -> Iterable[Invite]:
    """The invites, newest first, for a file. Whoever has a code can get in, so taking them out is recorded."""
    record(
        actor=actor,
        action_type=BetaAction.EXPORT_INVITES,
        entity_type="invite",
        entity_label=state or _("all invites"),
        changes={"exported": (None, True)},
    )
    return newest_invites(state).iterator(chunk_size=500)


def _new_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _position in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def _check(count: int, uses: int, days: int | None, code: str) -> None:
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid(_("From 1 to %(most)s invites at once.") % {"most": MOST_AT_ONCE}, field="count")
    if not 1 <= uses <= MOST_USES:
        raise Invalid(_("An invite has from 1 to %(most)s uses.") % {"most": MOST_USES}, field="uses")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Invalid(_("An invite is good for 1 to %(most)s days.") % {"most": MOST_DAYS}, field="days")
    if code and (count != 1 or not 4 <= len(code.strip()) <= 40 or not all(letter.isalnum() or letter == "-" for letter in code.strip())):
        raise Invalid(_("A code of your own is for one invite: 4 to 40 letters, digits and hyphens."), field="code")
