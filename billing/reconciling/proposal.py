"""What settling would change, before → after, in words. Pure."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from billing.reconciling.known import Seen
from billing.reconciling.problem import moment
from billing.settling.changing import FieldChange
from billing.settling.granting import GrantAct
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState
from opsportal.money import in_words

WHERE = {
    "checkout": gettext_lazy("checkout"), "payment": gettext_lazy("payment"), "refund": gettext_lazy("refund"), "dispute": gettext_lazy("dispute"),
    "subscription": gettext_lazy("subscription"), "plan": gettext_lazy("plan"),
}  # fmt: skip
FIELDS = {
    "state": gettext_lazy("state"), "amount": gettext_lazy("amount"), "currency": gettext_lazy("currency"), "refunded": gettext_lazy("refunded"),
    "status": gettext_lazy("status at the provider"), "detail": gettext_lazy("detail at the provider"), "reference": gettext_lazy("reference"),
    "email": gettext_lazy("email"), "subscription_id": gettext_lazy("subscription"), "invoice_id": gettext_lazy("invoice"),
    "period_start": gettext_lazy("pays from"), "period_end": gettext_lazy("pays until"), "paid_at": gettext_lazy("paid at"),
    "session_id": gettext_lazy("id at the provider"), "provider_customer_id": gettext_lazy("customer at the provider"),
    "expires_at": gettext_lazy("expires"), "current_period_end": gettext_lazy("paid until"), "cancel_at": gettext_lazy("will end"),
    "ended_at": gettext_lazy("ended"), "starts_at": gettext_lazy("from"), "until": gettext_lazy("until"), "checkout": gettext_lazy("checkout"),
}  # fmt: skip
STATES = {"checkout": CheckoutState, "payment": PaymentState, "refund": RefundState, "dispute": DisputeState}
GRANT_STATES = {"granted": pgettext_lazy("plan", "given"), "ended": pgettext_lazy("plan", "ended")}


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the dry run. None: there was nothing."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """`act`: what the button says. `is_safe`: nothing that a customer has is taken away. `places`: how many things change; `same`: what doesn't."""

    rows: tuple[Change, ...]
    act: str
    is_safe: bool
    places: int
    same: str = ""


def proposal_of(seen: Seen) -> Proposal | None:
    """None without the provider's answer, and where nothing would change."""
    if seen.snapshot.report is None or seen.decision.is_empty:
        return None
    changes = seen.decision.changes
    acts = [change.act for change in seen.decision.grants]
    places = len({(one.where, one.key) for one in changes})
    touched = {one.where for one in changes}
    same = ", ".join(str(WHERE[where]) for where in ("checkout", "payment", "plan") if where not in touched)
    return Proposal(tuple(_row(seen, one) for one in changes), _act(seen), GrantAct.END not in acts, places, same)


def _act(seen: Seen) -> str:
    """The gravest thing that it does."""
    for act, words in (
        (GrantAct.END, _("End plan %(plan)s")), (GrantAct.CREATE, _("Give plan %(plan)s")), (GrantAct.RESTORE, _("Give plan %(plan)s back")),
    ):  # fmt: skip
        for change in seen.decision.grants:
            if change.act == act:
                return words % {"plan": change.plan.name}
    return _("Take over what the provider says")


def _row(seen: Seen, change: FieldChange) -> Change:
    field = FIELDS.get(change.field)
    key = "" if change.where == "checkout" else _plan_name(seen, change.key) if change.where == "plan" else change.key
    label = " ".join(part for part in (str(WHERE.get(change.where, change.where)), key) if part)
    return Change(f"{label}: {field or change.field}", _word(change, change.before), _word(change, change.after))


def _plan_name(seen: Seen, key: str) -> str:
    return next((change.plan.name for change in seen.decision.grants if change.plan.key == key), key)


def _word(change: FieldChange, value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return moment(value)
    if change.field == "state":
        if change.where == "plan":
            return str(GRANT_STATES.get(str(value), value))
        states = STATES.get(change.where)
        return str(states(value).label) if states and value in states.values else str(value)
    if change.currency and isinstance(value, int):
        return in_words(value, change.currency)
    return str(value)
