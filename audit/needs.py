"""What of the audit log needs a person now. That it is not as it was sealed is told by the job that checks it (jobs/needs.py)."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from audit.frame import behind_of
from opsportal import needs
from opsportal.lines import Act, State
from opsportal.needs import Need
from opsportal.words import Words


def found(request: HttpRequest) -> Iterable[Need]:
    if request.user.has_perm("audit.view") and (since := behind_of(request)):
        act = Act(Words(gettext_noop("See the seals")), reverse("audit_seals"), "audit.view")
        detail = _("A row without a seal could be changed unseen. Sealing takes a minute at most, while its job runs.")
        yield Need(needs.TRUST, State.WARN, _("The audit log is not being sealed"), detail, reverse("audit_seals"), act, since)


def register() -> None:
    needs.register_needs(found)
