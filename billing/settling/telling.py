"""What the product is told of a customer, and what it would be told now: the whole state, so that what comes late does no harm."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from billing.models import Callback, Grant
from billing.settling.placing import Span, covered_until
from notify import actions as notify
from opsportal import clock

CHANNEL = "product"
TOPIC = "billing.plan"


@dataclass(frozen=True, slots=True)
class CustomerPlan:
    """`plan` None: the customer has none. `valid_until` None: without an end. `version`: of what the product was last told; 0: nothing."""

    customer_key: str
    plan: str | None
    name: str
    valid_until: datetime | None
    granted_at: datetime | None
    version: int


def customer_plan(customer_key: str, at: datetime | None = None) -> CustomerPlan:
    """The plan of the highest rank among those that run at that moment, and until when there is no gap in it."""
    at = at or clock.now()
    grants = list(Grant.objects.filter(customer_key=customer_key, ended_at=None).select_related("plan").order_by("pk"))
    told = Callback.objects.filter(customer_key=customer_key).order_by("-version").values_list("version", flat=True).first()
    running = [grant for grant in grants if grant.starts_at <= at and (grant.until is None or grant.until > at)]
    if not running:
        return CustomerPlan(customer_key, None, "", None, None, told or 0)
    best = max(running, key=lambda grant: (grant.plan.rank, grant.until is None, grant.until or at, grant.pk))
    same = [Span(str(grant.pk), grant.starts_at, grant.until) for grant in grants if grant.plan_id == best.plan_id]
    return CustomerPlan(customer_key, best.plan.key, best.plan.name, covered_until(same, at), best.granted_at, told or 0)


def tell_product(*, customer_key: str, because: str, checkout_pk: int | None = None, checkout_id: str = "") -> Callback:
    """Owe the product the customer's state of now, in the caller's transaction, which holds the customer's lock: so the versions
    rise in the order in which the states became true. Without PRODUCT_BACKEND_URL it is written down and nothing is sent."""
    version, key = _next_version(), Callback.new_key()
    payload = said(customer_plan(customer_key), version=version, checkout_id=checkout_id, because=because)
    made = Callback(version=version, customer_key=customer_key, checkout_id=checkout_pk, key=key, payload=payload)
    if settings.PRODUCT_BACKEND_URL:
        # The address is looked up when it is delivered: this one is for people who read the outbox.
        made.message_id = notify.enqueue(channel=CHANNEL, key=key, topic=TOPIC, subject=customer_key, body=_json(payload), address=CHANNEL).pk
    made.save(force_insert=True)
    return made


def said(state: CustomerPlan, *, version: int, checkout_id: str, because: str) -> dict[str, Any]:
    return {
        "customer_key": state.customer_key, "plan": state.plan, "valid_until": state.valid_until.isoformat() if state.valid_until else None,
        "version": version, "checkout_id": checkout_id, "because": because,
    }  # fmt: skip


def _next_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('plan_callbacks', 'version'))")
        return int(cursor.fetchone()[0])


def _json(payload: dict[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
