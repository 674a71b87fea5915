from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from billing.models import Checkout, Finding, Plan
from billing.queries.searching import amount_of, checkouts_named

ORDER = ("created_at", "id")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of checkouts is narrowed to; empty: not by this."""

    text: str = ""
    state: str = ""
    provider: str = ""
    plan: str = ""
    has_findings: bool = False


def find_checkouts(wanted: Wanted) -> QuerySet[Checkout]:
    """For keyset pages by ORDER. A text and a plan are looked up first (a query each); an amount counts only where no id is written like it."""
    found = Checkout.objects.select_related("plan")
    if wanted.text:
        found = _narrowed(found, wanted.text)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.provider:
        found = found.filter(provider=wanted.provider)
    if wanted.plan:
        # By its number: of that the planner knows how frequent it is.
        found = found.filter(plan=Plan.objects.filter(key=wanted.plan).values_list("pk", flat=True).first() or 0)
    if wanted.has_findings:
        found = found.filter(pk__in=open_findings().filter(checkout__isnull=False).values("checkout"))
    return found


def _narrowed(found: QuerySet[Checkout], text: str) -> QuerySet[Checkout]:
    named = checkouts_named(text)
    if not named and (amount := amount_of(text)):
        of_currency = {"currency": amount.currency} if amount.currency else {}
        return found.filter(amount=amount.minor, **of_currency)
    return found.filter(pk__in=named)


def open_findings() -> QuerySet[Finding]:
    """Those that wait for somebody: neither closed nor handled."""
    return Finding.objects.filter(closed_at=None, handled_at=None)


def findings_by_checkout(checkouts: Iterable[Checkout]) -> dict[int, list[Finding]]:
    """The open findings of each, oldest first."""
    found: dict[int, list[Finding]] = {}
    for finding in open_findings().filter(checkout__in=[one.pk for one in checkouts]).order_by("found_at", "pk"):
        found.setdefault(finding.checkout_id or 0, []).append(finding)
    return found
