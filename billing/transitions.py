"""Which state may follow which, and why. Everything not here is refused: what is known only moves forward."""

from collections.abc import Iterable
from typing import TypeVar

from billing.states import CheckoutState, DisputeState, EventState, PaymentState, RefundState

S = TypeVar("S", bound=str)
C, P, R, D, E = CheckoutState, PaymentState, RefundState, DisputeState, EventState

CHECKOUT = {
    (C.OPEN, C.PENDING): "The customer chose a way to pay that takes time: Pix, boleto, a bank transfer.",
    (C.OPEN, C.PAID): "The provider has an approved payment.",
    (C.OPEN, C.FAILED): "The provider refused the payment.",
    (C.OPEN, C.EXPIRED): "Nobody paid in time.",
    (C.PENDING, C.PAID): "What took time was approved.",
    (C.PENDING, C.FAILED): "What took time was refused, or cancelled.",
    (C.PENDING, C.EXPIRED): "What took time never came.",
    (C.FAILED, C.PAID): "The customer tried again, with another card, on the same page.",
    (C.FAILED, C.EXPIRED): "Nobody tried again in time.",
    (C.EXPIRED, C.PAID): "The money came although the page had expired: a slip printed in time, paid late.",
}

PAYMENT = {
    (P.PENDING, P.REJECTED): "The provider or the bank refused it.",
    (P.PENDING, P.CANCELLED): "Given up before it was decided.",
    (P.PENDING, P.APPROVED): "The money is there.",
    (P.REJECTED, P.CANCELLED): "Given up after a refusal.",
    (P.REJECTED, P.APPROVED): "The same payment was tried again with another card.",
    (P.CANCELLED, P.APPROVED): "The money came although it had been given up: the money decides.",
    (P.PENDING, P.REFUNDED): "First heard of after it had been approved and refunded.",
    (P.PENDING, P.CHARGED_BACK): "First heard of after it had been approved and charged back.",
    (P.REJECTED, P.REFUNDED): "Approved and refunded since we last heard.",
    (P.REJECTED, P.CHARGED_BACK): "Approved and charged back since we last heard.",
    (P.CANCELLED, P.REFUNDED): "Approved and refunded since we last heard.",
    (P.CANCELLED, P.CHARGED_BACK): "Approved and charged back since we last heard.",
    (P.APPROVED, P.REFUNDED): "All of it was given back.",
    (P.APPROVED, P.CHARGED_BACK): "The customer's bank took it back: a dispute was lost.",
    (P.REFUNDED, P.APPROVED): "The refund failed at the customer's bank: the money is still here.",
    (P.REFUNDED, P.CHARGED_BACK): "A dispute was lost beside the refund.",
    (P.CHARGED_BACK, P.APPROVED): "The dispute was decided again, for us: the money came back.",
    (P.CHARGED_BACK, P.REFUNDED): "The dispute was won, and the payment has been refunded.",
}

REFUND = {
    (R.PENDING, R.SUCCEEDED): "The customer has the money.",
    (R.PENDING, R.FAILED): "The customer's bank refused it.",
    (R.SUCCEEDED, R.FAILED): "The customer's bank sent it back.",
}

DISPUTE = {
    (D.OPEN, D.LOST): "Decided for the customer.",
    (D.OPEN, D.WON): "Decided for us.",
    (D.LOST, D.WON): "Decided again, for us.",
}

EVENT = {
    (E.RECEIVED, E.DONE): "Processed; its effect is recorded.",
    (E.RECEIVED, E.WAITING): "A try failed for a reason that may pass.",
    (E.RECEIVED, E.PERSON): "A try failed for a reason that won't pass by itself.",
    (E.WAITING, E.DONE): "A later try succeeded.",
    (E.WAITING, E.PERSON): "No tries are left.",
    (E.PERSON, E.RECEIVED): "A person has it processed again.",
    (E.PERSON, E.HANDLED): "A person dealt with it another way, and wrote how.",
    (E.HANDLED, E.RECEIVED): "A person has it processed again after all.",
    (E.DONE, E.RECEIVED): "A person has it processed again.",
    (E.WAITING, E.RECEIVED): "A person has it tried now.",
}


def rank(edges: Iterable[tuple[S, S]], states: Iterable[S]) -> dict[S, int]:
    """The longest way to each state: of two that were both true at some time, the higher is the later truth.

    Only for edges without a cycle. Raises ValueError for one.
    """
    edges, found = list(edges), dict.fromkeys(states, 0)
    for _round in list(found):
        for before, after in edges:
            found[after] = max(found[after], found[before] + 1)
    if any(found[after] <= found[before] for before, after in edges):
        raise ValueError("These states go round in a circle: there is no order of them.")
    return found
