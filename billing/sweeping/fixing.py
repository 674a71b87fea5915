"""Mending what is safe to mend without a person: only where that is switched on, only so many in a run, and never what a person has seen."""

from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext as _

from audit.actors import Actor
from billing.actions.callback import resend_callback
from billing.models import Finding
from billing.reconciling.applying import apply_reconciliation
from billing.reconciling.diagnosis import diagnose
from billing.reconciling.shape import digest
from billing.reconciling.snapshot import snapshot
from billing.states import FindingKind
from billing.sweeping.mismatches import look_at
from opsportal.errors import Conflict, OpsError, Unavailable

SYSTEM = Actor.system("billing-sweep")
RECONCILED = (FindingKind.PAID_WITHOUT_PLAN, FindingKind.STATE_DIFFERS)
SAFE = (*RECONCILED, FindingKind.PRODUCT_NOT_TOLD)
MOST_TRIES = 3
LONGEST_ERROR = 300

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tried:
    """`error`: why it was not mended; empty where it was."""

    finding: Finding
    error: str = ""


def is_on() -> bool:
    return bool(settings.OPS_RECONCILE_AUTOMATICALLY)


def mendable(limit: int, *, after: int = 0) -> list[Finding]:
    """Those whose turn it is, by number; none where it is switched off. What nobody is known for waits for the product."""
    if not is_on():
        return []
    wanted = Finding.objects.filter(pk__gt=after, kind__in=SAFE, closed_at=None, handled_at=None, fix_tries__lt=MOST_TRIES, checkout__isnull=False)
    # A fact that is not there is no reason against it.
    wanted = wanted.filter(Q(facts__why__isnull=True) | Q(facts__why=""), checkout__handled_at=None)
    return list(wanted.select_related("checkout").order_by("pk")[: max(0, limit)])


def mend(finding: Finding) -> Tried:
    """Outside of any transaction: it asks the provider, and each act is a transaction of its own that refuses if anything moved."""
    try:
        if finding.kind == FindingKind.PRODUCT_NOT_TOLD:
            resend_callback(actor=SYSTEM, checkout_id=_checkout_id(finding), reason=_reason(finding))
        else:
            _reconcile(finding)
    except OpsError as error:
        return Tried(finding, str(error)[:LONGEST_ERROR])
    return Tried(finding)


def note(tried: Tried) -> None:
    """Count the try and keep what came of it; then look whether the finding still holds."""
    finding = tried.finding
    Finding.objects.filter(pk=finding.pk).update(fix_tries=F("fix_tries") + 1, fix_error=tried.error)
    if finding.checkout_id:
        look_at([finding.checkout_id])
    log.info("billing.mended" if not tried.error else "billing.not_mended", finding=finding.pk, kind=finding.kind, error=tried.error)


def _reconcile(finding: Finding) -> None:
    """Only with the provider's live agreement, and only if nothing that a customer has is taken away."""
    seen = snapshot(_checkout_id(finding))
    if seen.asked.could_not:
        raise Unavailable(_("Could not ask: %(why)s") % {"why": seen.asked.words}, code="could_not_ask")
    proposal = diagnose(seen).proposal
    if proposal is None:
        raise Conflict(_("The provider's answer gives nothing to propose: a person has to look."), code="nothing_to_do")
    if not proposal.is_safe:
        raise Conflict(_("What would have to be done takes a plan away: a person has to decide."), code="not_safe")
    apply_reconciliation(actor=SYSTEM, checkout_id=_checkout_id(finding), reason=_reason(finding), digest=digest(seen))


def _reason(finding: Finding) -> str:
    return _("Mended by the sweep: %(kind)s, found %(when)s.") % {
        "kind": finding.get_kind_display(),
        "when": f"{finding.found_at:%Y-%m-%d %H:%M} UTC",
    }


def _checkout_id(finding: Finding) -> str:
    assert finding.checkout is not None
    return finding.checkout.checkout_id
