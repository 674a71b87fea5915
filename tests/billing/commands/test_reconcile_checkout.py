import json
from typing import Any

import pytest
from django.core.management import call_command

from audit.models import AuditLog
from billing.models import Checkout, Grant, Payment
from tests.billing.conftest import Canned
from tests.billing.factories import make_checkout, make_payment, make_plan
from tests.billing.reconciling import stripe_says

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(canned: Canned, settings: Any) -> Checkout:
    settings.PRODUCT_BACKEND_URL = "http://product.example"
    stripe_says.paid(canned)
    checkout = make_checkout(
        checkout_id="chk_1", session_id="cs_1", customer_key="hh_1", state="paid", plan=make_plan(key="plus", name="Plus", days=3650)
    )
    make_payment(checkout, payment_id="pi_1")
    return checkout


def run(capsys: Any, command: str, *arguments: str) -> tuple[Any, str, str]:
    """Exit code, what it said, what it complained of."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        call_command(command, "--checkout-id", *arguments)
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_the_snapshot_shows_each_side_and_its_code(capsys: Any, owed: Checkout) -> None:
    code, said, _complaint = run(capsys, "checkout_snapshot", "chk_1")
    assert code == 1
    for words in ("[disagrees] Paid, plan not given", "Our checkout: agrees", "Plan: disagrees", "no plan (expected: Plus)  <- disagrees"):
        assert words in said, words
    assert AuditLog.objects.count() == 0


def test_the_snapshot_is_json_for_programs(capsys: Any, owed: Checkout, canned: Canned) -> None:
    code, said, _complaint = run(capsys, "checkout_snapshot", "chk_1", "--json", "--no-ask")
    facts = json.loads(said)
    assert (code, canned.asked, facts["diagnosis"]["kinds"], facts["provider"]["could_not_ask"]) == (1, [], ["paid_without_plan"], "not_asked")
    assert (facts["payments"][0]["payment_id"], facts["checkout"]["amount"], facts["plan_now"], facts["proposal"]) == ("pi_1", 2990, None, None)


def test_a_dry_run_writes_nothing(capsys: Any, owed: Checkout) -> None:
    code, said, _complaint = run(capsys, "reconcile_checkout", "chk_1")
    assert (code, Grant.objects.count(), AuditLog.objects.count()) == (1, 0, 0)
    assert "plan Plus: state: nothing → given" in said


def test_apply_is_the_pages_act_in_the_name_of_who_sits_at_the_prompt(capsys: Any, owed: Checkout) -> None:
    code, said, _complaint = run(capsys, "reconcile_checkout", "chk_1", "--apply", "--reason", "site is down")
    row = AuditLog.objects.get()
    assert (code, Grant.objects.get().customer_key, row.actor_kind, row.action_type, row.reason) == (
        0,
        "hh_1",
        "cli",
        "RECONCILE_CHECKOUT",
        "site is down",
    )
    assert f"Audit row {row.pk}." in said
    again = run(capsys, "reconcile_checkout", "chk_1", "--apply", "--reason", "site is down", "--json")
    assert (again[0], json.loads(again[1])["diagnosis"]["level"], AuditLog.objects.count()) == (0, "ok", 1)


def test_apply_says_what_it_did_as_json(capsys: Any, owed: Checkout) -> None:
    code, said, _complaint = run(capsys, "reconcile_checkout", "chk_1", "--apply", "--reason", "x", "--json")
    facts = json.loads(said)
    assert (code, facts["applied"], facts["plan_now"], facts["audit_row"]) == (0, True, "plus", AuditLog.objects.get().pk)


def test_what_can_only_be_settled_by_a_person_is_left_with_its_reason(capsys: Any, owed: Checkout) -> None:
    Payment.objects.all().update(amount=1990)
    Checkout.objects.all().update(amount=3990)
    code, said, _complaint = run(capsys, "reconcile_checkout", "chk_1", "--apply", "--reason", "x")
    assert (code, "Another amount was paid" in said, Grant.objects.count()) == (1, True, 0)


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("chk_0",), 2, "There is no such checkout.\n"),
        (("chk_1", "--apply"), 2, "Write why. It goes into the audit log.\n"),
    ],
)
def test_bad_use_has_its_own_code(capsys: Any, owed: Checkout, arguments: tuple[str, ...], code: int, complaint: str) -> None:
    assert run(capsys, "reconcile_checkout", *arguments)[::2] == (code, complaint)
    assert Grant.objects.count() == 0


def test_a_provider_that_does_not_answer_leaves_everything_as_it_is(capsys: Any, owed: Checkout, canned: Canned) -> None:
    canned.says("/v1/checkout/sessions/cs_1", {}, status=503)
    code, _said, complaint = run(capsys, "reconcile_checkout", "chk_1", "--apply", "--reason", "x")
    assert (code, complaint) == (1, "Could not ask: Stripe has a problem of its own (503). Nothing was changed.\n")
    assert run(capsys, "checkout_snapshot", "chk_1")[0] == 1


@pytest.mark.parametrize("command", ["checkout_snapshot", "reconcile_checkout"])
def test_the_help_says_the_codes(capsys: Any, command: str) -> None:
    with pytest.raises(SystemExit):
        call_command(command, "--help")
    assert "exit codes: 0 " in capsys.readouterr().out
