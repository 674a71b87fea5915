"""A stand-in for Stripe's API that knows one checkout: paid once, with nothing after it."""

from typing import Any

from tests.billing.conftest import Canned
from tests.billing.providers.stripe import shapes


def paid(canned: Canned, **intent: Any) -> None:
    canned.says("/v1/payment_intents/pi_1", shapes.intent(**intent))
    canned.says("/v1/charges/ch_1", shapes.charge())
    canned.says("/v1/checkout/sessions/cs_1", shapes.session())
    canned.says("/v1/checkout/sessions", shapes.page())
    canned.says("/v1/checkout/sessions", shapes.page(shapes.session()), payment_intent="pi_1")
    canned.says("/v1/payment_intents/search", shapes.page(shapes.intent(**intent)))
    for path in ("refunds", "disputes", "invoice_payments"):
        canned.says(f"/v1/{path}", shapes.page())
