"""What the page of findings shows: totals, the list, and when somebody last looked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from billing.forms.finding import STATES
from billing.jobs.sweep import BillingSweep
from billing.models import Finding, Watermark
from billing.queries.finding import ORDER, find_findings, open_findings_summary
from billing.states import FindingKind, ProviderName
from billing.sweeping import fixing, words
from jobs import queries as jobs
from opsportal.components import Chip, chip
from opsportal.keyset import page_of
from opsportal.money import in_words


@dataclass(frozen=True, slots=True)
class Line:
    """A finding in words. `tone` and `word` are its state's."""

    finding: Finding
    said: str
    proposed: str
    closed_because: str
    is_mended_alone: bool


def context_of(request: HttpRequest, wanted: dict[str, str]) -> dict[str, Any]:
    page = page_of(find_findings(**wanted), request.GET.get("cursor", ""), fields=ORDER)
    summary = open_findings_summary()
    return {
        "page": page, "lines": [line_of(one) for one in page.rows], "summary": summary, "at_risk": in_sums(summary.at_risk.items()),
        "kinds": [(total, in_sums(total.at_risk.items())) for total in summary.kinds], "state": wanted["state"] or "open", "chips": _chips(request, wanted, [total.kind for total in summary.kinds]),
        "is_filtered": bool(wanted["kind"] or wanted["provider"]), "job": jobs.view_of(BillingSweep(), 1), "marks": _marks(),
        "mends": fixing.is_on(), "most_mended": settings.OPS_RECONCILE_MOST,
    }  # fmt: skip


def line_of(finding: Finding) -> Line:
    is_mended = fixing.is_on() and finding.kind in fixing.SAFE and finding.handled_at is None and finding.fix_tries < fixing.MOST_TRIES
    return Line(finding, words.said(finding), words.proposed(finding), words.closed_because(finding), is_mended)


def in_sums(sums: Iterable[tuple[str, int]]) -> str:
    """“R$ 59,80 + US$ 5.00”: different currencies are never added up."""
    return " + ".join(in_words(amount, currency) for currency, amount in sums)


def _chips(request: HttpRequest, wanted: dict[str, str], is_open: list[FindingKind]) -> list[Chip]:
    """Of the kinds those that there are; among closed ones there may be any."""
    states = [chip(request, label, state=value) for value, label in STATES if value != "open"]
    kinds = [
        chip(request, label, kind=value) for value, label in FindingKind.choices if value in (*is_open, wanted["kind"]) or wanted["state"] == "closed"
    ]
    return [*states, *[chip(request, label, provider=value) for value, label in ProviderName.choices], *kinds]


def _marks() -> list[tuple[str, Watermark]]:
    labels = dict(ProviderName.choices)
    return [(str(labels.get(mark.provider, mark.provider)), mark) for mark in Watermark.objects.order_by("provider")]
