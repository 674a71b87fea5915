"""What the audit log shows around every page: its line in the navigation; a fact only while sealing is behind."""

from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import queries
from opsportal import clock, frame


def behind_of(request: HttpRequest) -> datetime | None:
    """Since when rows wait for a seal for too long; read once a request."""
    if not hasattr(request, "_audit_behind"):
        request._audit_behind = queries.behind_since()  # type: ignore[attr-defined]
    return request._audit_behind  # type: ignore[attr-defined, no-any-return]


def seal_fact(request: HttpRequest) -> frame.Fact | None:
    """Only when sealing is behind: a row that nobody has sealed could still be changed unseen."""
    if not request.user.has_perm("audit.view") or not (since := behind_of(request)):
        return None
    local = localtime(since)
    at = date_format(local, "TIME_FORMAT" if local.date() == clock.today() else "SHORT_DATETIME_FORMAT")
    return frame.Fact(_("Audit log"), _("not sealed since %(at)s") % {"at": at}, "warn", reverse("audit_seals"))


def register() -> None:
    frame.register_nav(frame.NavItem(gettext_lazy("Audit"), "audit", "audit", "audit.view", group="records", order=10, prefix="/ops/audit/"))
    frame.register_fact(seal_fact, order=90)
