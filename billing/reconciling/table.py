"""The five sides beside each other, as the page and the command line show them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from billing.effects import EffectKind, EffectReason
from billing.models import WebhookEvent
from billing.reconciling.diagnosis import Diagnosis
from billing.reconciling.problem import Level, Mark, Row, Side, moment
from billing.reconciling.shape import PaymentSide, Snapshot
from billing.report import Report
from billing.settling.facts import PaymentFacts, payment_facts
from billing.states import EventState, FindingKind
from opsportal.money import in_words

SHOWN = 3
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cell: `small` under it; an `id` can be copied."""

    text: str
    small: str = ""
    is_id: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    lines: tuple[Line, ...]
    level: Level = Level.OK
    more: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A side, and what is said above it: `tone` of a status and its word."""

    side: Side
    tone: str
    word: str
    cells: dict[Row, Cell]

    @property
    def is_off(self) -> bool:
        return self.tone == Level.FAIL


def table_of(snapshot: Snapshot, diagnosis: Diagnosis) -> list[Column]:
    columns = (
        (Side.CHECKOUT, _checkout(snapshot)), (Side.PAYMENTS, _payments(snapshot.payments)), (Side.EVENTS, _events(snapshot)),
        (Side.PROVIDER, _provider(snapshot)), (Side.PLAN, _plan(snapshot)),
    )  # fmt: skip
    found = []
    for side, lines in columns:
        tone, word = _tag(side, snapshot, diagnosis)
        found.append(Column(side, tone, word, {row: _cell(lines[row], diagnosis.marks.get((side, row))) for row in Row}))
    return found


def _cell(lines: Sequence[Line], mark: Mark | None) -> Cell:
    shown = list(lines[-SHOWN:]) or [Line(NOTHING)]
    hidden = len(lines) - len(shown)
    if mark and mark.expected:
        expected = _("expected: %(what)s") % {"what": mark.expected}
        shown[-1] = Line(shown[-1].text, " · ".join(part for part in (shown[-1].small, expected) if part), shown[-1].is_id)
    more = ngettext("and %(n)d earlier", "and %(n)d earlier", hidden) % {"n": hidden} if hidden > 0 else ""
    return Cell(tuple(shown), mark.level if mark else Level.OK, more)


def _tag(side: Side, snapshot: Snapshot, diagnosis: Diagnosis) -> tuple[str, str]:
    level = diagnosis.level_of(side)
    if side == Side.PROVIDER and snapshot.report is None:
        return "unknown", _("could not ask") if snapshot.asked.could_not else _("not asked")
    if side == Side.EVENTS and level == Level.WARN:
        return "warn", _("no effect") if FindingKind.EVENT_WITHOUT_EFFECT in diagnosis.kinds else _("needs a person")
    if level != Level.OK:
        return str(level.value), str(level.label)
    empty = {
        Side.PAYMENTS: (not snapshot.payments, pgettext("side of a checkout", "none")),
        Side.EVENTS: (not snapshot.events, _("none came")),
        Side.PLAN: (snapshot.plan_now is None, pgettext("side of a checkout", "none")),
    }
    is_empty, word = empty.get(side, (False, ""))
    return ("off", word) if is_empty else ("ok", str(level.label))


Lines = dict[Row, list[Line]]


def _checkout(snapshot: Snapshot) -> Lines:
    row = snapshot.checkout
    plan = row.plan.name if row.plan else _("no plan named")
    linked = _("linked %(when)s") % {"when": moment(row.linked_at)} if row.linked_at and row.customer_key else ""
    return {
        Row.STATE: [Line(row.get_state_display(), plan)],
        Row.AMOUNT: [Line(in_words(row.amount, row.currency))],
        Row.CUSTOMER: [Line(row.customer_key or _("nobody yet"), linked or row.email)],
        Row.CHANGE: [Line(moment(row.updated_at))],
        Row.REFERENCE: [Line(row.checkout_id, is_id=True)],
    }


def _payments(sides: Sequence[PaymentSide]) -> Lines:
    return _of_payments([side.facts for side in sides], [moment(side.row.updated_at) for side in sides])


def _of_payments(payments: Sequence[PaymentFacts], changed: Sequence[str]) -> Lines:
    return {
        Row.STATE: [Line(str(one.state.label), _beside(one)) for one in payments],
        Row.AMOUNT: [Line(in_words(one.amount, one.currency)) for one in payments],
        Row.CUSTOMER: [Line(one.email or NOTHING) for one in payments],
        Row.CHANGE: [Line(when) for when in changed],
        Row.REFERENCE: [Line(one.payment_id, is_id=True) for one in payments],
    }


def _beside(one: PaymentFacts) -> str:
    """What of it was given back, and what is disputed."""
    parts = []
    if one.refunded:
        parts.append(_("%(amount)s refunded") % {"amount": in_words(one.refunded, one.currency)})
    if one.has_open_dispute:
        parts.append(_("dispute open"))
    return ", ".join(parts)


def telling(events: Iterable[WebhookEvent]) -> list[WebhookEvent]:
    """Without those whose type moves nothing here."""
    return [one for one in events if one.effect_reason != EffectReason.NOT_ACTED_ON]


def _events(snapshot: Snapshot) -> Lines:
    events, key = telling(snapshot.events), snapshot.checkout.customer_key or NOTHING
    return {
        Row.STATE: [Line(_answer(one), effect_word(one)) for one in events],
        Row.AMOUNT: [Line(_amount(one)) for one in events],
        Row.CUSTOMER: [Line(_("none yet") if one.effect_reason == EffectReason.NO_CUSTOMER else key) for one in events],
        Row.CHANGE: [Line(moment(one.received_at)) for one in events],
        Row.REFERENCE: [Line(one.event_id, is_id=True) for one in events],
    }


def _answer(event: WebhookEvent) -> str:
    return _("answered 200") if event.source == WebhookEvent.Source.WEBHOOK else _("from its list")


def effect_word(event: WebhookEvent) -> str:
    if event.state not in (EventState.DONE, EventState.HANDLED) or not event.effect:
        return str(event.get_state_display())
    return _("effect: %(what)s") % {"what": EffectKind(event.effect).label if event.effect in EffectKind.values else event.effect}


def _amount(event: WebhookEvent) -> str:
    amount, currency = event.effect_facts.get("amount"), event.effect_facts.get("currency")
    return in_words(amount, str(currency)) if isinstance(amount, int) and currency else NOTHING


def _provider(snapshot: Snapshot) -> Lines:
    report = snapshot.report
    if report is None:
        word = _("unknown")
        return {row: [Line(word, snapshot.asked.words)] if row == Row.STATE else [Line(NOTHING)] for row in Row}
    lines = _of_payments([payment_facts(report.provider, one, report.asked_at) for one in report.payments], [moment(one.paid_at or one.created_at) for one in report.payments])  # fmt: skip
    return _page(report) if not report.payments else lines | _customers(report)


def _page(report: Report) -> Lines:
    """Without a payment there is at most the page on which one could be made."""
    said = report.checkout
    if said is None:
        return {row: [Line(_("knows no payment"))] if row == Row.STATE else [] for row in Row}
    return {
        Row.STATE: [Line(str(said.state.label), _("no payment yet"))],
        Row.AMOUNT: [Line(in_words(said.amount, said.currency) if said.currency else NOTHING)],
        Row.CUSTOMER: [Line(said.email or said.customer_id or NOTHING)],
        Row.CHANGE: [Line(moment(said.created_at))],
        Row.REFERENCE: [Line(said.id, is_id=True)] if said.id else [],
    }


def _customers(report: Report) -> Lines:
    page = report.checkout
    return {Row.CUSTOMER: [Line(one.customer_id or (page.customer_id if page else "") or one.email or NOTHING) for one in report.payments]}


def _plan(snapshot: Snapshot) -> Lines:
    grant = snapshot.plan_now
    if grant is None:
        ended = next((one for one in snapshot.grants if one.ended_at), None)
        small = _("%(plan)s ended %(when)s") % {"plan": ended.plan.name, "when": moment(ended.ended_at)} if ended else ""
        return {
            Row.STATE: [Line(_("no plan"), small)], Row.AMOUNT: [], Row.CUSTOMER: [Line(snapshot.checkout.customer_key or NOTHING)],
            Row.CHANGE: [Line(moment(ended.ended_at))] if ended else [], Row.REFERENCE: [],
        }  # fmt: skip
    until = _("until %(when)s") % {"when": moment(grant.until)} if grant.until else _("without an end")
    return {
        Row.STATE: [Line(grant.plan.name, until)],
        Row.AMOUNT: [Line(in_words(grant.plan.amount, grant.plan.currency))],
        Row.CUSTOMER: [Line(grant.customer_key)],
        Row.CHANGE: [Line(moment(grant.granted_at))],
        Row.REFERENCE: [Line(grant.payment.payment_id, is_id=True)] if grant.payment else [Line(_("given by hand"))],
    }
