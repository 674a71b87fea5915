from datetime import timedelta
from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from billing import actions
from billing.models import Grant
from opsportal import clock
from opsportal.errors import OpsError
from tests.billing.factories import make_checkout, make_grant, make_payment, make_plan

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")


def test_plan_is_given_by_hand_until_a_day() -> None:
    plan, until = make_plan(key="plus"), clock.now() + timedelta(days=5)
    made = actions.grant_plan(actor=ACTOR, customer_key="hh-1", plan_key="plus", until=until, reason="goodwill")
    assert (made.source, made.plan, made.until, made.reason, made.granted_by, made.payment) == ("hand", plan, until, "goodwill", "test", None)
    row = AuditLog.objects.get()
    assert (row.action_type, row.reason, row.entity_type, row.changes["plan"]) == ("GRANT_PLAN", "goodwill", "customer", [None, "plus"])


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"reason": " "}, "invalid"), ({"customer_key": ""}, "invalid"), ({"until": timedelta(hours=-1)}, "invalid"),
        ({"until": timedelta(days=740)}, "invalid"), ({"plan_key": "gold"}, "plan_unknown"), ({"checkout_id": "chk_x"}, "checkout_unknown"),
        ({"checkout_id": "chk_other"}, "customer_differs"),
    ],
)  # fmt: skip
def test_plan_that_can_not_be_given_says_why(values: dict[str, Any], code: str) -> None:
    make_checkout(checkout_id="chk_other", customer_key="hh-2", plan=make_plan(key="plus"))
    wanted = {"customer_key": "hh-1", "plan_key": "plus", "until": timedelta(days=5), "reason": "goodwill"} | values
    with pytest.raises(OpsError) as refused:
        actions.grant_plan(actor=ACTOR, **wanted | {"until": clock.now() + wanted["until"]})  # type: ignore[arg-type, operator]
    assert (refused.value.code, Grant.objects.count()) == (code, 0)


def test_ended_plan_leaves_its_time_to_what_was_paid_for_after_it() -> None:
    plan, now = make_plan(), clock.now()
    first = make_grant(make_payment(make_checkout(customer_key="hh-1", plan=plan), paid_at=now - timedelta(days=2)), starts_at=now - timedelta(days=2), until=now + timedelta(days=28))  # fmt: skip
    paid = now - timedelta(days=1)
    second = make_grant(make_payment(make_checkout(customer_key="hh-1", plan=plan), paid_at=paid), starts_at=now + timedelta(days=28), until=now + timedelta(days=58))  # fmt: skip
    actions.end_grant(actor=ACTOR, grant_id=first.pk, reason="by mistake")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.ended_because, second.starts_at, second.until) == ("hand", paid, paid + timedelta(days=30))
    assert AuditLog.objects.get().action_type == "END_GRANT"


def test_plan_ends_once() -> None:
    grant = make_grant()
    actions.end_grant(actor=ACTOR, grant_id=grant.pk, reason="by mistake")
    with pytest.raises(OpsError) as refused:
        actions.end_grant(actor=ACTOR, grant_id=grant.pk, reason="again")
    assert (refused.value.code, AuditLog.objects.count()) == ("ended", 1)
