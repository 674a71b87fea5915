"""A snapshot and its diagnosis for the command line: lines for a person, JSON for a program."""

import json
from dataclasses import asdict
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from billing.reconciling.diagnosis import Diagnosis
from billing.reconciling.problem import Row, moment
from billing.reconciling.proposal import Proposal
from billing.reconciling.shape import Snapshot, digest
from billing.reconciling.table import Cell, table_of


def as_text(found: Snapshot, diagnosis: Diagnosis) -> str:
    """The diagnosis, then each side with its rows."""
    checkout = found.checkout
    lines = [f"{checkout.checkout_id} {checkout.customer_key}".strip(), f"[{diagnosis.level.label}] {diagnosis.headline}"]
    lines += [f"  {sentence}" for sentence in diagnosis.sentences]
    for column in table_of(found, diagnosis):
        lines += ["", f"{column.side.label}: {column.word}"]
        lines += [f"  {row.label:<14} {_cell(column.cells[row])}" for row in Row]
    lines += ["", f"{_('The product')}: {_told(found)}", f"{_('Read at')} {moment(found.at)}", ""]
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    said = "; ".join(f"{line.text} ({line.small})" if line.small else line.text for line in cell.lines)
    mark = "" if cell.level == "ok" else f"  <- {cell.level.label}"
    return f"{said}{mark}"


def _told(found: Snapshot) -> str:
    latest = found.latest_callback
    if latest is None:
        return _("was told nothing")
    values = {"version": latest.row.version, "state": latest.told.label, "when": moment(latest.row.confirmed_at or latest.row.created_at)}
    return " ".join(filter(None, (_("version %(version)s: %(state)s, %(when)s") % values, latest.error)))


def proposal_text(proposal: Proposal) -> str:
    nothing = _("nothing")
    return "\n".join(f"  {row.label}: {row.before or nothing} → {row.after or nothing}" for row in proposal.rows)


def as_json(found: Snapshot, diagnosis: Diagnosis) -> str:
    return json.dumps(facts_of(found, diagnosis), indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)


def facts_of(found: Snapshot, diagnosis: Diagnosis) -> dict[str, Any]:
    """Plain values: texts, ISO moments, minor units."""
    facts = {
        "checkout_id": found.checkout.checkout_id, "read_at": found.at, "digest": digest(found),
        "diagnosis": {
            "level": diagnosis.level, "headline": diagnosis.headline, "sentences": diagnosis.sentences, "kinds": diagnosis.kinds,
            "why_nothing_can_be_proposed": diagnosis.why_not,
        },
        "proposal": asdict(diagnosis.proposal) if diagnosis.proposal else None,
        "checkout": _row(found.checkout, "provider session_id customer_key email amount currency state created_at linked_at paid_at handled_at handled_note"),
        "payments": [_row(one.row, "provider payment_id state status amount refunded currency created_at paid_at confirmed_at") for one in found.payments],
        "events": [_row(one, "provider event_id event_type received_at answer_ms state effect effect_reason error") for one in found.events],
        "provider": {"asked_at": found.asked.at, "could_not_ask": found.asked.code, "words": found.asked.words, "report": asdict(found.report) if found.report else None},
        "grants": [_row(one, "id customer_key plan_id payment_id source starts_at until ended_at ended_because") for one in found.grants],
        "plan_now": found.plan_now.plan.key if found.plan_now else None,
        "callbacks": [{**_row(one.row, "version created_at confirmed_at answer"), "told": one.told, "attempts": one.attempts, "error": one.error} for one in found.callbacks],
        "findings": [_row(one, "id kind since found_at handled_at") for one in found.findings],
    }  # fmt: skip
    return json.loads(json.dumps(facts, cls=DjangoJSONEncoder))  # type: ignore[no-any-return]


def _row(row: Any, names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names.split()}
