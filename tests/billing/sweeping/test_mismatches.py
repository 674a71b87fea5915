"""Every kind of mismatch opens once, and closes by itself when the world agrees again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from billing.models import Callback, Checkout, Finding, Grant, Payment, Subscription, WebhookEvent
from billing.sweeping.mismatches import Looked, look_at, look_at_changed, look_at_everything
from opsportal import clock
from tests.billing.factories import make_checkout, make_event, make_grant, make_payment, make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def product(settings: Any) -> None:
    settings.PRODUCT_BACKEND_URL = "http://product.example"


def ago(**how_long: float) -> Any:
    return clock.now() - timedelta(**how_long)


def paid(**fields: Any) -> Payment:
    """A paid checkout's payment whose plan was given: everything agrees."""
    payment = make_payment(make_checkout(state="paid"), **fields)
    make_grant(payment)
    return payment


def set_payment(payment: Payment, **fields: Any) -> None:
    Payment.objects.filter(pk=payment.pk).update(**fields)


def _paid_without_plan() -> tuple[int | None, Callable[[], Any]]:
    payment = make_payment(make_checkout(state="paid"))
    return 2990, lambda: make_grant(payment)


def _ended_though_it_stands() -> tuple[int | None, Callable[[], Any]]:
    payment = paid()
    grants = Grant.objects.filter(payment=payment)
    grants.update(ended_at=ago(hours=1), ended_because="refunded")
    return 2990, lambda: grants.update(ended_at=None, ended_because="")


def _plan_without_payment() -> tuple[int | None, Callable[[], Any]]:
    payment = paid()
    set_payment(payment, base="cancelled", state="cancelled")
    Checkout.objects.update(state="failed", paid_at=None)
    return 2990, lambda: Grant.objects.update(ended_at=clock.now(), ended_because="not_paid")


def _plan_of_no_payment() -> tuple[int | None, Callable[[], Any]]:
    grant = make_grant(source="payment")
    return 2990, lambda: Grant.objects.filter(pk=grant.pk).update(until=ago(hours=1))


def _refunded_with_plan() -> tuple[int | None, Callable[[], Any]]:
    set_payment(paid(), state="refunded", refunded=2990)
    return 2990, lambda: Grant.objects.update(ended_at=clock.now(), ended_because="refunded")


def _refunded_with_plan_and_no_checkout() -> tuple[int | None, Callable[[], Any]]:
    grant = make_grant(make_payment(state="charged_back"), customer_key="hh-x", plan=make_plan())
    return 2990, lambda: Grant.objects.filter(pk=grant.pk).update(ended_at=clock.now(), ended_because="charged_back")


def _amount_differs() -> tuple[int | None, Callable[[], Any]]:
    payment = make_payment(make_checkout(state="paid"), amount=1000)
    return 1000, lambda: set_payment(payment, state="refunded", refunded=1000)


def _currency_differs() -> tuple[int | None, Callable[[], Any]]:
    payment = make_payment(make_checkout(state="paid"), currency="USD")
    return 2990, lambda: set_payment(payment, state="refunded", refunded=2990)


def _paid_twice() -> tuple[int | None, Callable[[], Any]]:
    second = make_payment(paid().checkout)
    make_grant(second)

    def refund() -> None:
        Grant.objects.filter(payment=second).update(ended_at=clock.now(), ended_because="refunded")
        set_payment(second, state="refunded", refunded=2990)

    return 2990, refund


def _paid_twice_and_given_once() -> tuple[int | None, Callable[[], Any]]:
    second = make_payment(paid().checkout, paid_at=ago(minutes=30))
    return 2990, lambda: set_payment(second, state="refunded", refunded=2990)


def _paid_twice_for_one_period() -> tuple[int | None, Callable[[], Any]]:
    period = {"invoice_id": "in_1", "period_start": ago(days=1), "period_end": ago(days=-29)}
    second = make_payment(paid(**period).checkout, **period)
    return 2990, lambda: set_payment(second, state="refunded", refunded=2990)


def _payment_without_checkout() -> tuple[int | None, Callable[[], Any]]:
    payment = make_payment()

    def link() -> None:
        set_payment(payment, checkout=make_checkout(state="paid"))
        payment.refresh_from_db()
        make_grant(payment)

    return 2990, link


def _state_differs() -> tuple[int | None, Callable[[], Any]]:
    paid()
    Checkout.objects.update(state="expired")
    return 2990, lambda: Checkout.objects.update(state="paid")


def _paid_by_nothing() -> tuple[int | None, Callable[[], Any]]:
    checkout = make_checkout(state="paid")
    make_payment(checkout, base="rejected", state="rejected")
    return 2990, lambda: make_grant(make_payment(checkout))


def _event_without_effect() -> tuple[int | None, Callable[[], Any]]:
    payment = paid()
    Grant.objects.update(ended_at=ago(hours=1), ended_because="not_paid")
    make_event(state="done", effect="none", effect_reason="no_customer", payment=payment, checkout=payment.checkout)
    return 2990, lambda: Grant.objects.update(ended_at=None, ended_because="")


def _event_needs_person() -> tuple[int | None, Callable[[], Any]]:
    event = make_event(state="person", next_at=None)
    return None, lambda: WebhookEvent.objects.filter(pk=event.pk).update(state="done")


def _product_not_told() -> tuple[int | None, Callable[[], Any]]:
    make_callback()
    return None, lambda: Callback.objects.update(confirmed_at=clock.now())


def make_callback(customer_key: str = "hh-1", **fields: Any) -> Callback:
    known = {"customer_key": customer_key, "key": Callback.new_key(), "payload": {}, "created_at": ago(hours=1)}
    return Callback.objects.create(**known | fields)


CASES = {
    _paid_without_plan: ("paid_without_plan", "given"),
    _ended_though_it_stands: ("paid_without_plan", "given"),
    _plan_without_payment: ("plan_without_payment", "ended"),
    _plan_of_no_payment: ("plan_without_payment", "ran_out"),
    _refunded_with_plan: ("refunded_with_plan", "ended"),
    _refunded_with_plan_and_no_checkout: ("refunded_with_plan", "ended"),
    _amount_differs: ("amount_differs", "no_longer_stands"),
    _currency_differs: ("currency_differs", "no_longer_stands"),
    _paid_twice: ("paid_twice", "agrees"),
    _paid_twice_and_given_once: ("paid_twice", "agrees"),
    _paid_twice_for_one_period: ("paid_twice", "agrees"),
    _payment_without_checkout: ("payment_without_checkout", "has_checkout"),
    _state_differs: ("state_differs", "agrees"),
    _paid_by_nothing: ("state_differs", "agrees"),
    _event_without_effect: ("event_without_effect", "given"),
    _event_needs_person: ("event_needs_person", "processed"),
    _product_not_told: ("product_not_told", "confirmed"),
}
# Without an effect, and so without its plan: two findings of the same money.
BESIDE = {_event_without_effect: ["paid_without_plan"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__.strip("_"))
def test_mismatch_opens_once_and_closes_by_itself(case: Any) -> None:
    kind, because = CASES[case]
    amount, mend = case()
    kinds = sorted([kind, *BESIDE.get(case, [])])
    assert look_at_everything().opened == len(kinds)
    assert sorted(Finding.objects.values_list("kind", flat=True)) == kinds
    Finding.objects.all().delete()
    Checkout.objects.update(checked_seq=0)
    assert look_at_changed().opened == len(kinds)
    finding = Finding.objects.get(kind=kind)
    assert (finding.amount, finding.closed_at, finding.since < finding.found_at) == (amount, None, True)
    assert (look_at_changed(), Finding.objects.count()) == (Looked(), len(kinds))
    mend()
    assert look_at_changed().closed == len(kinds)
    finding.refresh_from_db()
    assert (finding.closed_at is not None, finding.closed_because) == (True, because)
    assert (look_at_everything(), Finding.objects.count()) == (Looked(), len(kinds))


def test_nothing_is_found_where_the_sides_agree() -> None:
    paid()
    renewed = paid(invoice_id="in_1", period_start=ago(days=31), period_end=ago(days=1))
    make_grant(make_payment(renewed.checkout, invoice_id="in_2", amount=3990, period_start=ago(days=1), period_end=ago(days=-29)))
    paid(refunded=1000)
    make_payment(make_checkout(state="failed"), base="rejected", state="rejected", amount=1)
    make_checkout()
    ended = paid()
    Grant.objects.filter(payment=ended).update(ended_at=ago(hours=1), ended_because="hand")
    make_checkout(state="paid", amount=0)
    Subscription.objects.create(
        checkout=make_checkout(state="paid"), provider="stripe", subscription_id="sub_1", status="trialing", asked_at=ago(hours=1)
    )
    over = paid()
    Grant.objects.filter(payment=over).update(until=ago(hours=1))
    Grant.objects.create(
        customer_key="hh", plan=make_plan(), source="hand", reason="goodwill", starts_at=ago(days=1), until=clock.now() + timedelta(days=9)
    )
    make_payment(base="pending", state="pending")
    make_event(state="done", effect="none", effect_reason="not_acted_on")
    make_callback("hh-2", created_at=ago(hours=2))
    make_callback("hh-2", confirmed_at=ago(hours=1))
    assert look_at_everything() == Looked(marked=Checkout.objects.count())


def test_first_payment_of_a_subscription_is_compared() -> None:
    make_payment(make_checkout(state="paid"), invoice_id="in_1", amount=1, period_start=ago(days=1), period_end=ago(days=-29))
    look_at_changed()
    assert [(one.kind, one.facts["wanted"]) for one in Finding.objects.all()] == [("amount_differs", 2990)]


def test_renewal_that_was_not_given_is_found_beside_one_that_was() -> None:
    first = paid(invoice_id="in_1", period_start=ago(days=31), period_end=ago(days=1))
    renewal = make_payment(first.checkout, invoice_id="in_2", amount=3990, period_start=ago(days=1), period_end=ago(days=-29))
    look_at_changed()
    assert [(one.kind, one.payment_id, one.amount) for one in Finding.objects.all()] == [("paid_without_plan", renewal.pk, 3990)]


def test_renewal_in_another_currency_is_compared() -> None:
    first = paid(invoice_id="in_1", period_start=ago(days=31), period_end=ago(days=1))
    make_payment(first.checkout, invoice_id="in_2", currency="USD", period_start=ago(days=1), period_end=ago(days=-29))
    look_at_changed()
    assert list(Finding.objects.values_list("kind", flat=True)) == ["currency_differs"]


def test_plan_of_a_refused_try_says_nothing_of_the_checkout() -> None:
    make_grant(make_payment(paid().checkout, base="rejected", state="rejected"))
    look_at_changed()
    assert list(Finding.objects.values_list("kind", flat=True)) == ["plan_without_payment"]


def test_paid_without_plan_says_that_nobody_is_known() -> None:
    make_payment(make_checkout(state="paid", customer_key=""))
    look_at_changed()
    assert [(one.kind, one.facts["why"]) for one in Finding.objects.all()] == [("paid_without_plan", "no_customer")]


def test_only_what_changed_is_looked_at() -> None:
    payment = paid()
    look_at_changed()
    assert look_at_changed() == Looked()
    with connection.cursor() as cursor:
        # A client that goes around the portal, as far as that is possible.
        cursor.execute("UPDATE plan_grants SET ended_at = now(), ended_because = 'refunded'")
    assert look_at_changed() == Looked(opened=1, marked=1)
    assert Finding.objects.get().subject == f"payment:{payment.pk}"


def test_what_is_not_looked_at_stays_open() -> None:
    make_payment(make_checkout(state="paid"))
    look_at_everything()
    Finding.objects.update(kind="provider_differs")
    assert look_at_everything() == Looked(opened=1)
    assert Finding.objects.filter(closed_at=None).count() == 2


def test_only_findings_of_what_is_looked_at_close() -> None:
    one, other = make_payment(make_checkout(state="paid")), make_payment(make_checkout(state="paid"))
    look_at_changed()
    for payment in (one, other):
        make_grant(payment)
    assert look_at([one.checkout_id]).closed == 1  # type: ignore[list-item]
    assert Finding.objects.get(closed_at=None).payment_id == other.pk


def test_finding_is_refreshed_and_keeps_its_beginning() -> None:
    payment = make_payment(make_checkout(state="paid"))
    look_at_changed()
    before = Finding.objects.get()
    Finding.objects.update(fix_tries=2, handled_at=clock.now(), handled_by="bruno")
    set_payment(payment, refunded=990, paid_at=clock.now())
    assert look_at_changed() == Looked(marked=1)
    after = Finding.objects.get()
    assert (after.amount, after.since, after.fix_tries, after.handled_by) == (2000, before.since, 2, "bruno")


def test_finding_that_comes_again_is_another_one() -> None:
    payment = make_payment(make_checkout(state="paid"))
    look_at_changed()
    grant = make_grant(payment)
    look_at_changed()
    grant.delete()
    look_at_changed()
    assert list(Finding.objects.order_by("id").values_list("closed_because", flat=True)) == ["given", ""]


def test_persons_word_on_the_checkout_counts_for_what_was_wrong_by_then() -> None:
    checkout = make_checkout(state="paid", handled_at=ago(minutes=30), handled_by="bruno", handled_note="He paid for a friend.")
    make_payment(checkout)
    make_payment(checkout, paid_at=ago(minutes=10))
    look_at_changed()
    assert sorted(Finding.objects.values_list("kind", "handled_by")) == [("paid_twice", ""), ("paid_without_plan", "bruno")]


def test_product_that_reads_for_itself_is_not_late(settings: Any) -> None:
    settings.PRODUCT_BACKEND_URL = ""
    make_callback(created_at=ago(hours=2))
    assert look_at_everything().opened == 0
