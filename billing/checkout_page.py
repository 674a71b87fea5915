"""What the page of one checkout shows: the sides, what is wrong, what would change, and everything in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest

from audit.models import AuditLog
from audit.queries import for_entity
from billing import providers
from billing.forms.desk import ReconcileForm
from billing.models import Checkout, Grant
from billing.reconciling import Snapshot, diagnose, digest, snapshot
from billing.reconciling.problem import Row
from billing.reconciling.shape import holds, plan_now
from billing.reconciling.snapshot import PAGE_SECONDS
from billing.reconciling.story import story
from billing.reconciling.table import Cell, Column, table_of
from billing.states import FindingKind
from opsportal import clock
from opsportal.access import is_fresh, signed_in_at
from opsportal.errors import NotFound

ACTS_SHOWN = 50
LINKS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A payment at its provider; `short` is the end of its id, where there are several."""

    text: str
    url: str
    short: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the five sides, the state first."""

    label: str
    cells: Sequence[Cell]
    is_first: bool


def snapshot_or_404(checkout_id: str, *, ask: bool) -> Snapshot:
    try:
        return snapshot(checkout_id, ask=ask, seconds=PAGE_SECONDS)
    except NotFound:
        raise Http404 from None


def checkout_or_404(checkout_id: str) -> Checkout:
    checkout = Checkout.objects.select_related("plan").filter(checkout_id=checkout_id.replace("\x00", "")).first()
    if checkout is None:
        raise Http404
    return checkout


def checkout_of_customer_or_404(checkout_id: str) -> Checkout:
    """Only one whose customer is known: there is nobody else to give a plan to, or to tell of."""
    checkout = checkout_or_404(checkout_id)
    if not checkout.customer_key:
        raise Http404
    return checkout


def plan_of_customer(customer_key: str) -> Grant | None:
    """The grant that counts for them now."""
    return plan_now(Grant.objects.select_related("plan").filter(customer_key=customer_key, ended_at=None)[:100], customer_key, clock.now())


def context_of(request: HttpRequest, found: Snapshot, form: ReconcileForm | None = None) -> dict[str, Any]:
    diagnosis, seen = diagnose(found), digest(found)
    if form is None:
        form = ReconcileForm(initial={"digest": seen})
    elif form.is_bound:
        form.see(seen)
    columns = table_of(found, diagnosis)
    acts = list(for_entity("checkout", found.checkout.checkout_id)[:ACTS_SHOWN])
    return {
        "snapshot": found, "checkout": found.checkout, "diagnosis": diagnosis, "form": form, "columns": columns, "table_rows": _rows(columns),
        "events": story(found, acts), "links": links(found), "applied": _applied(request, acts), "held": held(found),
        "may_give": diagnosis.wants_hand and bool(found.checkout.customer_key) and request.user.has_perm("billing.grant"),
        "may_tell": FindingKind.PRODUCT_NOT_TOLD in diagnosis.kinds and request.user.has_perm("billing.reconcile"),
        "is_fresh": is_fresh(request), "fresh_until": _fresh_until(request),
    }  # fmt: skip


def _rows(columns: Sequence[Column]) -> list[TableRow]:
    return [TableRow(str(row.label), [column.cells[row] for column in columns], row == Row.STATE) for row in Row]


def links(found: Snapshot) -> list[Link]:
    provider = providers.get(found.checkout.provider)
    ids = dict.fromkeys([*(one.row.payment_id for one in found.payments), *(one.id for one in (found.report.payments if found.report else ()))])
    found_links = [(name, url) for name in list(ids)[-LINKS_SHOWN:] if (url := provider.dashboard_url(name))]
    return [Link(name, url, f"…{name[-6:]}" if len(found_links) > 1 else "") for name, url in found_links]


def held(found: Snapshot) -> list[Grant]:
    """What the customer has, and what begins later: each can be ended."""
    return [one for one in found.grants if one.ended_at is None and (holds(one, found.at) or one.starts_at > found.at)]


def _applied(request: HttpRequest, acts: Sequence[AuditLog]) -> AuditLog | None:
    """The act that the person has just done here, of this checkout only."""
    wanted = request.GET.get("done", "")
    return next((row for row in acts if str(row.pk) == wanted), None)


def _fresh_until(request: HttpRequest) -> datetime | None:
    at = signed_in_at(request)
    return datetime.fromtimestamp(at + settings.ACCOUNT_REAUTHENTICATION_TIMEOUT, UTC) if at else None
