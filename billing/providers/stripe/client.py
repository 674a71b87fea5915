"""Stripe's API through its own library, over our own calls. https://docs.stripe.com/api"""

from collections.abc import Callable, Mapping
from typing import Any

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from billing.providers.asking import QUESTION_SECONDS, Line, endless
from billing.providers.values import is_id
from billing.report import CouldNotAsk

LABEL = "Stripe"
PAGE = 100
MOST_PAGES = 10
# Of a subscription's invoices the newest: a year of months.
MOST_INVOICES = 12

Json = dict[str, Any]


class _Http(stripe.HTTPClient):
    name = "opsportal"

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def request(self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_options: Any) -> Any:
        if method.upper() != "GET":
            raise ValueError("This portal only asks.")
        answer = self._line.get(url, headers or {})
        return answer.body, answer.status, answer.headers

    def close(self) -> None:
        """Its connections are the process's."""


class Question:
    """What is asked of Stripe for one report, as plain dicts. Every method raises CouldNotAsk.

    The library asks in its own version of the API, so the shapes don't depend on the account's.
    """

    def __init__(self, *, seconds: float | None = QUESTION_SECONDS) -> None:
        token = settings.STRIPE_SECRET_KEY
        line = Line(LABEL, token, seconds=seconds)
        addresses: Any = {"api": settings.STRIPE_API_BASE.rstrip("/")}
        # No tries of the library's own: whoever asks has a plan for that, and a limit of time.
        self._v1 = stripe.StripeClient(token, base_addresses=addresses, http_client=_Http(line), max_network_retries=0).v1

    def account(self) -> Json:
        return _one("account", self._v1.accounts.retrieve_current)

    def intent(self, intent_id: str) -> Json:
        return _one("payment_intent", self._v1.payment_intents.retrieve, _checked(intent_id), {"expand": ["latest_charge"]})

    def charge(self, charge_id: str) -> Json:
        return _one("charge", self._v1.charges.retrieve, _checked(charge_id))

    def refund(self, refund_id: str) -> Json:
        return _one("refund", self._v1.refunds.retrieve, _checked(refund_id))

    def dispute(self, dispute_id: str) -> Json:
        return _one("dispute", self._v1.disputes.retrieve, _checked(dispute_id))

    def session(self, session_id: str) -> Json:
        return _one("checkout.session", self._v1.checkout.sessions.retrieve, _checked(session_id))

    def invoice(self, invoice_id: str) -> Json:
        return _one("invoice", self._v1.invoices.retrieve, _checked(invoice_id), {"expand": ["payments"]})

    def subscription(self, subscription_id: str) -> Json:
        return _one("subscription", self._v1.subscriptions.retrieve, _checked(subscription_id))

    def refunds(self, intent_id: str) -> list[Json]:
        return _all(self._v1.refunds.list, {"payment_intent": _checked(intent_id)})

    def disputes(self, intent_id: str) -> list[Json]:
        return _all(self._v1.disputes.list, {"payment_intent": _checked(intent_id)})

    def session_of(self, **by: str) -> Json | None:
        """The Checkout session of a `payment_intent` or a `subscription`."""
        found, _more = _page(self._v1.checkout.sessions.list, {**by, "limit": 1})
        return found[0] if found else None

    def invoice_of(self, intent_id: str) -> Json | None:
        """The invoice that a payment intent paid: the intent itself no longer names it."""
        by = {"type": "payment_intent", "payment_intent": _checked(intent_id)}
        found, _more = _page(self._v1.invoice_payments.list, {"payment": by, "limit": 1})
        return self.invoice(str(found[0]["invoice"])) if found else None

    def invoices(self, subscription_id: str) -> list[Json]:
        """The newest first, a year of months at most."""
        params = {"subscription": _checked(subscription_id), "limit": MOST_INVOICES, "expand": ["data.payments"]}
        return _page(self._v1.invoices.list, params)[0]

    def intents_for(self, checkout_id: str) -> list[Json]:
        """By our checkout's id in their metadata. Stripe's search is a minute late, more in bad hours."""
        quoted = checkout_id.replace("\\", "\\\\").replace("'", "\\'")
        return _page(self._v1.payment_intents.search, {"query": f"metadata['checkout_id']:'{quoted}'", "limit": 20})[0]

    def events(self, since: int, until: int, *, after: str = "") -> tuple[list[Json], bool]:
        """The newest first, and whether there are more. `since` counts, `until` no longer: seconds since 1970."""
        params: Json = {"created": {"gte": since, "lt": until}, "limit": PAGE}
        return _page(self._v1.events.list, params | ({"starting_after": after} if after else {}))


def _checked(thing_id: str) -> str:
    if not is_id(thing_id):
        raise CouldNotAsk("not_found", _("“%(id)s” is no id of Stripe's.") % {"id": thing_id[:60]}, again=False)
    return thing_id


def _one(kind: str, ask: Callable[..., Any], *arguments: Any) -> Json:
    found = _asked(ask, *arguments)
    if found.get("object") != kind:
        raise _broken()
    return found


def _page(ask: Callable[..., Any], params: Json) -> tuple[list[Json], bool]:
    answer = _asked(ask, params)
    found = answer.get("data")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _broken()
    return found, bool(answer.get("has_more"))


def _all(ask: Callable[..., Any], params: Json) -> list[Json]:
    found: list[Json] = []
    for _number in range(MOST_PAGES):
        page, more = _page(ask, {**params, "limit": PAGE, **({"starting_after": str(found[-1]["id"])} if found else {})})
        found += page
        if not more:
            return found
    raise endless(LABEL)


def _asked(ask: Callable[..., Any], *arguments: Any) -> Json:
    try:
        answer: Json = ask(*arguments).to_dict()
        return answer
    except (stripe.StripeError, AttributeError, TypeError, ValueError, KeyError, RecursionError):
        raise _broken() from None


def _broken() -> CouldNotAsk:
    return CouldNotAsk("broken", _("Stripe answered something that makes no sense here."))
