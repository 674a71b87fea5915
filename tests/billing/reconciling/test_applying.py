from datetime import timedelta
from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from billing.models import Callback, Checkout, Finding, Grant, Payment, Plan
from billing.reconciling import digest
from billing.reconciling.applying import apply_reconciliation, reconcile_checkout
from billing.reconciling.shape import Asked, Part, moved
from billing.states import PaymentState
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound, OpsError, Unavailable
from tests.billing.factories import make_checkout, make_event, make_finding, make_grant, make_payment, make_plan
from tests.billing.reconciling.answers import answer, said_of, same_as, seen
from tests.catalog.test_edit_race import at_once

pytestmark = pytest.mark.django_db
CARLA = Actor.system("tests")
AWAY = Asked(code="unreachable", words="Stripe can't be reached.")


@pytest.fixture(autouse=True)
def _a_product(settings: Any) -> None:
    settings.PRODUCT_BACKEND_URL = "http://product.example"


def owed(**fields: Any) -> tuple[Checkout, Payment]:
    checkout = make_checkout(**{"checkout_id": "chk_1", "customer_key": "hh_1", "state": "paid", "plan": make_plan(key="plus", name="Plus")} | fields)
    return checkout, make_payment(checkout, payment_id="pi_1")


def reconcile(checkout: Checkout, now: Asked, **fields: Any) -> Any:
    known: dict[str, Any] = {"actor": CARLA, "checkout_id": checkout.checkout_id, "reason": "paid", "asked": now}
    return reconcile_checkout(**known | {"digest": digest(seen(checkout, now))} | fields)


def test_it_gives_the_plan_tells_the_product_and_leaves_one_audit_row() -> None:
    checkout, payment = owed()
    done = reconcile(checkout, answer(checkout, same_as(payment)), reason="  paid, and confirmed  ")
    grant, row, told = Grant.objects.get(), AuditLog.objects.get(), Callback.objects.get()
    assert (grant.payment_id, grant.customer_key, grant.plan.key, grant.granted_by) == (payment.pk, "hh_1", "plus", "tests")
    assert (row.pk, row.action_type, row.entity_id, row.reason) == (done.audit_pk, "RECONCILE_CHECKOUT", "chk_1", "paid, and confirmed")
    assert row.changes["plan plus state"] == [None, "granted"]
    assert (told.customer_key, told.payload["plan"], told.checkout_id) == ("hh_1", "plus", checkout.pk)
    assert (done.effect.kind, done.diagnosis.headline, done.snapshot.plan_now) == ("granted", "All sides agree", grant)


def test_a_payment_that_nobody_told_us_of_is_taken_over_with_its_checkout() -> None:
    checkout = owed_by_nobody()
    reconcile(checkout, answer(checkout, said_of(checkout, id="pi_9")))
    checkout.refresh_from_db()
    payment = Payment.objects.get()
    assert (checkout.state, payment.payment_id, payment.checkout_id, Grant.objects.get().payment_id) == ("paid", "pi_9", checkout.pk, payment.pk)


def owed_by_nobody() -> Checkout:
    return make_checkout(checkout_id="chk_1", customer_key="hh_1")


def test_the_second_time_changes_nothing() -> None:
    checkout, payment = owed()
    asked = answer(checkout, same_as(payment))
    old = digest(seen(checkout, asked))
    reconcile(checkout, asked)
    for shown in (old, digest(seen(checkout, asked))):
        with pytest.raises(Conflict) as refused:
            reconcile(checkout, asked, digest=shown)
        assert refused.value.code == "nothing_to_do"
    assert (Grant.objects.count(), AuditLog.objects.count(), Callback.objects.count()) == (1, 1, 1)


def test_findings_that_no_longer_hold_are_closed_others_stay() -> None:
    checkout, payment = owed()
    over = make_finding(checkout, payment=payment)
    stays = make_finding(checkout, kind="event_needs_person", subject="event:1")
    make_event(checkout=checkout, state="person", error="away")
    done = reconcile(checkout, answer(checkout, same_as(payment)))
    assert list(Finding.objects.filter(closed_at=None)) == [stays]
    assert (Finding.objects.get(pk=over.pk).closed_because, [kind.value for kind in done.diagnosis.kinds]) == ("reconciled", ["event_needs_person"])
    assert AuditLog.objects.get().changes["findings closed"] == [None, ["paid_without_plan"]]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda checkout, payment: Checkout.objects.filter(pk=checkout.pk).update(customer_key="hh_2"), "checkout"),
        (lambda checkout, payment: Plan.objects.filter(pk=checkout.plan_id).update(days=365), "checkout"),
        (lambda checkout, payment: Payment.objects.update(paid_at=clock.now() - timedelta(days=9)), "payments"),
        (lambda checkout, payment: make_payment(checkout, state="rejected", base="rejected"), "payments"),
        (lambda checkout, payment: make_event(checkout=checkout), "events"),
        (lambda checkout, payment: make_grant(customer_key="hh_1"), "plan"),
        (lambda checkout, payment: Callback.objects.create(customer_key="hh_1", key="k", payload={}), "callbacks"),
    ],
)
def test_it_is_refused_when_a_side_has_moved_and_says_which(change: Any, part: str) -> None:
    checkout, payment = owed()
    asked = answer(checkout, same_as(payment))
    shown = digest(seen(checkout, asked))
    change(checkout, payment)
    with pytest.raises(Conflict) as refused:
        reconcile(checkout, asked, digest=shown)
    assert (refused.value.code, refused.value.facts["moved"]) == ("moved", [part])
    assert str(Part(part).label) in str(refused.value)
    assert (Grant.objects.filter(payment=payment).count(), AuditLog.objects.count()) == (0, 0)


def test_it_is_refused_when_the_provider_says_something_new() -> None:
    checkout, payment = owed()
    shown = digest(seen(checkout, answer(checkout, same_as(payment))))
    with pytest.raises(Conflict) as refused:
        reconcile(checkout, answer(checkout, same_as(payment, status="disputed")), digest=shown)
    assert refused.value.facts["moved"] == ["provider"]


def test_that_somebody_asked_again_moves_nothing() -> None:
    checkout, payment = owed()
    shown = digest(seen(checkout, answer(checkout, same_as(payment))))
    Payment.objects.update(confirmed_at=clock.now())
    Checkout.objects.update(asked_at=clock.now(), ask_at=clock.now() + timedelta(hours=1), asked_times=3)
    assert digest(seen(checkout, answer(checkout, same_as(payment)))) == shown


def test_a_digest_that_is_none_counts_as_moved_everywhere() -> None:
    checkout, _payment = owed()
    assert moved("nonsense", digest(seen(checkout, AWAY))) == list(Part)


@pytest.mark.parametrize(
    ("fields", "error", "code"),
    [
        ({"reason": " \x00 "}, Invalid, "invalid"), ({"reason": "x" * 501}, Invalid, "invalid"), ({"asked": AWAY}, Unavailable, "could_not_ask"),
        ({"checkout_id": "chk_0"}, NotFound, "not_found"),
    ],
)  # fmt: skip
def test_it_is_refused_and_nothing_is_written(fields: dict[str, Any], error: type[OpsError], code: str) -> None:
    checkout, payment = owed()
    with pytest.raises(error) as refused:
        reconcile(checkout, answer(checkout, same_as(payment)), **fields)
    assert (refused.value.code, Grant.objects.count(), AuditLog.objects.count()) == (code, 0, 0)


def test_a_plan_whose_payment_was_refused_is_ended() -> None:
    checkout, payment = owed(state="failed")
    Payment.objects.filter(pk=payment.pk).update(base="rejected", state="rejected")
    make_grant(payment)
    payment.refresh_from_db()
    reconcile(checkout, answer(checkout, same_as(payment, state=PaymentState.REJECTED)))
    assert Grant.objects.get().ended_because == "not_paid"


def test_without_a_token_it_says_that_it_could_not_ask(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    checkout, _payment = owed()
    with pytest.raises(Unavailable) as refused:
        apply_reconciliation(actor=CARLA, checkout_id="chk_1", reason="paid", digest=digest(seen(checkout, AWAY)))
    assert (refused.value.code, refused.value.facts) == ("could_not_ask", {"why": "no_token"})


@pytest.mark.django_db(transaction=True)
def test_two_people_who_apply_at_once_give_the_plan_once(settings: Any) -> None:
    settings.PRODUCT_BACKEND_URL = ""
    checkout, payment = owed()
    asked = answer(checkout, same_as(payment))
    shown = digest(seen(checkout, asked))
    answers = at_once(*[lambda: reconcile(checkout, asked, digest=shown)] * 2)
    refused = [one for one in answers if isinstance(one, Conflict)]
    assert ([one.code for one in refused], Grant.objects.count(), AuditLog.objects.count(), Callback.objects.count()) == (["nothing_to_do"], 1, 1, 1)
