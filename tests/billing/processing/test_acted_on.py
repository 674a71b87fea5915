"""The table of effects says what the code does."""

from pathlib import Path

import pytest

from billing.processing.acted_on import TABLE, lines_for
from billing.providers.mercadopago import gathering as mercadopago
from billing.providers.stripe import gathering as stripe
from billing.states import ProviderName

ROOT = Path(__file__).resolve().parent.parent.parent.parent
KIND_OF = {ProviderName.STRIPE: stripe.kind_of, ProviderName.MERCADOPAGO: mercadopago.kind_of}


def test_every_type_in_the_table_is_acted_on():
    silent = [line.event_type for line in TABLE if not KIND_OF[line.provider](line.event_type.replace("*", "updated"))]
    assert silent == []


def test_every_type_that_is_acted_on_is_in_the_table():
    types = [("stripe", name) for name in (*stripe._EXACT, *(f"{family}updated" for family in stripe._FAMILIES))]
    types += [("mercadopago", f"{name}.updated" if name == "payment" else name) for name in mercadopago._KINDS]
    assert [pair for pair in types if not list(lines_for(*pair))] == []


@pytest.mark.parametrize(
    ("provider", "event_type", "found"),
    [
        ("stripe", "charge.dispute.closed", ["charge.dispute.*"]), ("stripe", "v1.invoice.paid", ["invoice.paid"]), ("stripe", "product.created", []),
        ("mercadopago", "payment.created", ["payment.*"] * 7), ("mercadopago", "payment", ["payment.*"] * 7), ("mercadopago", "plan", []),
    ],
)  # fmt: skip
def test_a_type_finds_its_lines(provider, event_type, found):
    assert [line.event_type for line in lines_for(provider, event_type)] == found


def test_the_operations_manual_has_the_same_table():
    text = (ROOT / "docs" / "operations.md").read_text()
    missing = [line for line in TABLE if f"| {line.provider.label} | `{line.event_type}` | {line.status or '–'} | {line.effect} |" not in text]
    assert missing == []
