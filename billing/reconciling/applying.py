"""Putting a checkout right: what the person saw, once more, under lock, and only if it is still so."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from billing.action_types import BillingAction
from billing.effects import Effect
from billing.models import Checkout, Finding
from billing.reconciling.diagnosis import Diagnosis, diagnose
from billing.reconciling.shape import Asked, Part, Snapshot, digest, moved
from billing.reconciling.snapshot import asked_about, read
from billing.settling.changing import for_audit
from billing.settling.locking import lock_checkout
from billing.settling.writing import write
from billing.states import FindingKind
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound, Unavailable

LONGEST_REASON = 500
CLOSED_BECAUSE = "reconciled"


@dataclass(frozen=True, slots=True)
class Applied:
    """What it came to, its row in the audit log, and the proof: all sides read again afterwards."""

    effect: Effect
    audit_pk: int
    snapshot: Snapshot
    diagnosis: Diagnosis


def apply_reconciliation(*, actor: Actor, checkout_id: str, reason: str, digest: str) -> Applied:
    """Ask the provider again, outside of any transaction, then reconcile_checkout().

    `digest`: of the snapshot that the person saw. Raises Invalid without a reason, NotFound, Unavailable `could_not_ask`,
    Conflict `nothing_to_do` and Conflict `moved`, which says what did.
    """
    reason = needed(reason)
    checkout = Checkout.objects.filter(checkout_id=checkout_id).first()
    if checkout is None:
        raise NotFound(_("There is no such checkout."))
    return reconcile_checkout(actor=actor, checkout_id=checkout_id, reason=reason, digest=digest, asked=asked_about(checkout))


@transaction.atomic
def reconcile_checkout(*, actor: Actor, checkout_id: str, reason: str, digest: str, asked: Asked) -> Applied:
    """Take over the provider's answer and what follows from it, if every side is still as in `digest`; close what no longer holds.

    Money is moved nowhere. Doing it again changes nothing: Conflict `nothing_to_do`. Other errors as apply_reconciliation().
    """
    reason = needed(reason)
    if asked.report is None:
        raise Unavailable(_("Could not ask: %(why)s Nothing was changed.") % {"why": asked.words}, code="could_not_ask", why=asked.code)
    # From here on nobody else moves a part of it: the triggers of its parts wait for this row, whoever writes them.
    checkout = lock_checkout(checkout_id=checkout_id)
    if checkout is None:
        raise NotFound(_("There is no such checkout."))
    _refuse_unless_same(read(checkout_id, asked), seen=digest)
    settled = write(actor=actor, report=asked.report, checkout_pk=checkout.pk)
    if settled.decision.is_empty:
        raise _nothing_to_do()
    after = read(checkout_id, asked)
    diagnosis = diagnose(after)
    closed = _close(after.findings, diagnosis.kinds)
    row = record(
        actor=actor, action_type=BillingAction.RECONCILE_CHECKOUT, entity_type="checkout", entity_id=checkout_id, entity_label=checkout_id,
        reason=reason, changes={**for_audit(settled.decision.changes), **({"findings closed": (None, closed)} if closed else {})},
    )  # fmt: skip
    return Applied(settled.effect, row.pk, after, diagnosis)


def needed(reason: str) -> str:
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise Invalid(_("Write why. It goes into the audit log."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("500 characters at most."), field="reason")
    return reason


def _refuse_unless_same(now: Snapshot, seen: str) -> None:
    if diagnose(now).proposal is None:
        raise _nothing_to_do()
    if parts := moved(seen, digest(now)):
        raise Conflict(
            _("Moved since you looked: %(what)s. Nothing was changed. Look at what would change now, and decide again.") % {"what": in_words(parts)},
            code="moved", moved=[str(part.value) for part in parts],
        )  # fmt: skip


def in_words(parts: Iterable[Part]) -> str:
    return ", ".join(str(part.label) for part in parts)


def _nothing_to_do() -> Conflict:
    return Conflict(_("There is nothing to change: what the provider says is taken over already."), code="nothing_to_do")


def _close(findings: Iterable[Finding], kinds: Iterable[FindingKind]) -> list[str]:
    """Those whose kind no longer shows; the sweep finds again what should come back."""
    over = [one for one in findings if one.kind not in set(kinds)]
    Finding.objects.filter(pk__in=[one.pk for one in over]).update(closed_at=clock.now(), closed_because=CLOSED_BECAUSE)
    return [one.kind for one in over]
