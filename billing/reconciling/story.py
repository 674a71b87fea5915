"""Everything that happened to a checkout, in order, with what disagrees marked. Pure."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from audit import registry
from audit.models import AuditLog
from billing.models import Grant, WebhookEvent
from billing.reconciling.known import Seen, seen
from billing.reconciling.paying import WITHOUT_EFFECT, lacks_plan
from billing.reconciling.problem import lasting, moment, plan_name, wanted
from billing.reconciling.shape import PaymentSide, Snapshot, Told
from billing.states import DisputeState, EventState, PaymentState, RefundState
from billing.tiles import page
from billing.wording import effect_in_words
from opsportal.components import Event
from opsportal.money import in_words

PAYMENT_TONES = {PaymentState.APPROVED: "ok", PaymentState.REFUNDED: "ok", PaymentState.CHARGED_BACK: "ok"}


def story(snapshot: Snapshot, acts: Iterable[AuditLog] = ()) -> list[Event]:
    """Oldest first; `acts` are the audit log's rows about it."""
    at = seen(snapshot)
    told = [*_checkout(at), *_grants(snapshot), *_callbacks(snapshot), *_findings(snapshot), *_acts(acts)]
    for side in snapshot.payments:
        told += _payment(side)
    owed = any(lacks_plan(at, one) for one in at.payments)
    told += [_event(event, owed) for event in snapshot.events]
    return sorted(told, key=lambda one: one.at)


def _checkout(at: Seen) -> Iterator[Event]:
    row = at.checkout
    yield Event(row.created_at, _("Checkout begun, plan %(plan)s, %(amount)s") % {"plan": plan_name(row), "amount": wanted(row)}, icon="billing")
    if row.linked_at and row.customer_key:
        late = any(lacks_plan(at, one) and one.facts.when_paid < row.linked_at for one in at.payments)
        nobody = _("Nothing looked back at the payment.") if late else ""
        yield Event(row.linked_at, _("Checkout linked to customer %(who)s") % {"who": row.customer_key}, nobody, icon="person")
    if row.handled_at:
        yield Event(row.handled_at, _("Marked as handled by %(who)s") % {"who": row.handled_by}, row.handled_note, icon="note")


def _payment(side: PaymentSide) -> Iterator[Event]:
    facts, row = side.facts, side.row
    values = {"payment": facts.payment_id, "amount": in_words(facts.amount, facts.currency), "state": facts.base.label}
    if facts.base == PaymentState.APPROVED:
        yield Event(facts.when_paid, _("Provider approved payment %(payment)s, %(amount)s") % values, tone="ok")
    else:
        yield Event(row.created_at, _("Payment %(payment)s, %(amount)s: %(state)s") % values, facts.detail, icon="billing")
    for refund in facts.refunds:
        back = {"amount": in_words(refund.amount, refund.currency), "payment": facts.payment_id, "state": refund.state.label}
        text = _("Refund of %(amount)s on %(payment)s: %(state)s") % back
        yield Event(refund.at or row.updated_at, text, tone="warn" if refund.state == RefundState.FAILED else "", icon="undo")
    for dispute in facts.disputes:
        about = {"amount": in_words(dispute.amount, dispute.currency), "payment": facts.payment_id, "state": dispute.state.label}
        text = _("Dispute about %(amount)s on %(payment)s: %(state)s") % about
        yield Event(dispute.at or row.updated_at, text, dispute.reason, tone="" if dispute.state == DisputeState.WON else "warn", icon="undo")


def _event(event: WebhookEvent, owed: bool) -> Event:
    signature = _("signature good") if event.is_signed else _("not signed")
    values = {"event": event.event_id, "type": event.event_type, "signature": signature, "time": event.answer_ms}
    if event.source == WebhookEvent.Source.ASKED:
        text = _("Event %(event)s, %(type)s, taken from the provider's list") % values
    elif event.answer_ms is None:
        text = _("Event %(event)s, %(type)s, received, %(signature)s, answered 200") % values
    else:
        text = _("Event %(event)s, %(type)s, received, %(signature)s, answered 200 in %(time)d ms") % values
    effect = effect_in_words(event.effect, event.effect_reason, event.effect_facts)
    detail = " · ".join(part for part in (effect or str(event.get_state_display()), event.error, event.handled_note) if part)
    return Event(event.received_at, text, detail, "seal", _tone(event, owed), page("billing_event", event.pk))


def _tone(event: WebhookEvent, owed: bool) -> str:
    if event.state == EventState.PERSON:
        return "fail"
    if event.state == EventState.WAITING or (owed and event.effect == "none" and event.effect_reason in WITHOUT_EFFECT):
        return "warn"
    return ""


def _grants(snapshot: Snapshot) -> Iterator[Event]:
    for grant in snapshot.grants:
        values = {"plan": grant.plan.name, "until": moment(grant.until) if grant.until else _("without an end")}
        if grant.source == Grant.Source.HAND:
            text = _("Plan %(plan)s given by hand until %(until)s") % values
        else:
            text = _("Plan %(plan)s given until %(until)s") % values
        other = _("For another checkout of the same customer.") if grant.checkout_id not in (snapshot.checkout.pk, None) else ""
        by = " · ".join(part for part in (grant.granted_by, grant.reason, other) if part)
        yield Event(grant.granted_at, text, by, tone="ok")
        if grant.ended_at:
            yield Event(grant.ended_at, _("Plan %(plan)s ended") % values, grant.get_ended_because_display(), icon="undo")


def _callbacks(snapshot: Snapshot) -> Iterator[Event]:
    for one in snapshot.callbacks:
        row = one.row
        values = {"version": row.version, "plan": row.payload.get("plan") or _("no plan"), "n": one.attempts}
        detail, tone = {
            Told.CONFIRMED: ("", ""), Told.NOT_SENT: (_("Not sent: no address of the product is set."), "warn"),
            Told.DEAD: (_("Given up after %(n)d tries.") % values, "fail"), Told.WAITING: (_("Not confirmed yet; %(n)d tries.") % values, ""),
        }[one.told]  # fmt: skip
        yield Event(row.created_at, _("The product is told: %(plan)s (version %(version)s)") % values, " ".join(filter(None, (detail, one.error))), "deploy", tone)  # fmt: skip
        if row.confirmed_at:
            took = {**values, "time": lasting((row.confirmed_at - row.created_at).total_seconds())}
            yield Event(row.confirmed_at, _("The product has version %(version)s, %(time)s later") % took, row.answer, tone="ok")


def _findings(snapshot: Snapshot) -> Iterator[Event]:
    for one in (*snapshot.findings, *snapshot.past_findings):
        text = _("Found by the sweep: %(what)s") % {"what": one.get_kind_display()}
        if one.handled_at:
            yield Event(one.found_at, text, _("Handled by %(who)s: %(note)s") % {"who": one.handled_by, "note": one.handled_note}, icon="search")
        else:
            yield Event(one.found_at, text, one.fix_error or ("" if one.closed_at else _("Left for a person.")), icon="search")
        if one.closed_at:
            yield Event(one.closed_at, _("No longer so: %(what)s") % {"what": one.get_kind_display()}, tone="ok")


def _acts(acts: Iterable[AuditLog]) -> Iterator[Event]:
    for row in acts:
        text = f"{row.actor_label}: {registry.label(row.action_type)}"
        yield Event(row.created_at, text, row.reason, icon="note", url=page("audit_row", row.pk))
