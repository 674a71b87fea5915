"""The tables of states: whole, one-way where they must be, each edge with its reason."""

import pytest

from billing import transitions
from billing.states import CheckoutState, DisputeState, EventState, PaymentState, RefundState

TABLES = [
    (transitions.CHECKOUT, CheckoutState), (transitions.PAYMENT, PaymentState), (transitions.REFUND, RefundState), (transitions.DISPUTE, DisputeState),
    (transitions.EVENT, EventState),
]  # fmt: skip


@pytest.mark.parametrize(("edges", "states"), TABLES)
def test_each_edge_is_between_two_states_and_says_why(edges, states) -> None:
    assert [edge for edge, why in edges.items() if not why.endswith(".") or edge[0] == edge[1] or not set(edge) <= set(states)] == []
    assert {state for edge in edges for state in edge} == set(states)


def test_rank_is_the_longest_way_to_a_state() -> None:
    assert transitions.rank(transitions.CHECKOUT, CheckoutState.values) == {"open": 0, "pending": 1, "failed": 2, "expired": 3, "paid": 4}
    assert transitions.rank(transitions.DISPUTE, DisputeState.values) == {"open": 0, "lost": 1, "won": 2}
    assert transitions.rank(transitions.REFUND, RefundState.values) == {"pending": 0, "succeeded": 1, "failed": 2}


def test_rank_refuses_states_that_go_round() -> None:
    with pytest.raises(ValueError, match="circle"):
        transitions.rank(transitions.PAYMENT, PaymentState.values)


def test_paid_is_final() -> None:
    assert [edge for edge in transitions.CHECKOUT if edge[0] == "paid"] == []
