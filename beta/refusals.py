"""Why somebody got no seat: the code on the wire, its HTTP status, and the words."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from opsportal.errors import OpsError

REFUSALS: dict[str, tuple[int, Promise | str, Promise | str]] = {
    # code: (status, what the caller is told, what the page calls it)
    "signups_stopped": (423, _("Signups are stopped. Nobody gets in now, invited or not."), _("Signups stopped")),
    "cap_reached": (409, _("Every seat is taken."), _("Cap reached")),
    "invite_required": (403, _("This beta is for invited households; send an invite code."), _("No invite code")),
    "invite_unknown": (403, _("There is no invite with this code."), _("Invite unknown")),
    "invite_expired": (403, _("This invite has expired."), _("Invite expired")),
    "invite_used": (403, _("This invite has been used up."), _("Invite already used")),
    "invite_revoked": (403, _("This invite was revoked."), _("Invite revoked")),
    "invites_paused": (403, _("Invites are paused for now."), _("Invites paused")),
    "household_removed": (403, _("Operations removed this household; only they can bring it back."), _("Household removed")),
    "gate_unavailable": (503, _("The gate does not answer, so nobody gets in. Try again."), _("Gate not reachable")),
}


class Refused(OpsError):
    """No seat. `code` is one of REFUSALS; `facts` are the figures behind it."""

    def __init__(self, code: str, **facts: Any) -> None:
        status, detail, _label = REFUSALS[code]
        super().__init__(detail, code=code, **facts)
        self.status = status


class GateUnavailable(Refused):
    """The gate could not be asked. Whoever gets this must treat it as “no”."""

    def __init__(self) -> None:
        super().__init__("gate_unavailable")


def label(code: str) -> Promise | str:
    return REFUSALS[code][2] if code in REFUSALS else code
