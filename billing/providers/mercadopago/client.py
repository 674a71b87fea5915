"""Mercado Pago's API through its own library, over our own calls. https://www.mercadopago.com.br/developers/en/reference"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import mercadopago
from django.conf import settings
from django.utils.translation import gettext as _
from mercadopago.http import HttpClient

from billing.providers.asking import CALL_SECONDS, QUESTION_SECONDS, Line
from billing.report import CouldNotAsk

LABEL = "Mercado Pago"
PAGE = 100
# Payments of one checkout. More tries than that are no checkout.
MOST_PAYMENTS = 50
_LIBRARYS_BASE = "https://api.mercadopago.com"

Json = dict[str, Any]


class _Http(HttpClient):
    """The library has no setting for the address, so it is exchanged here. Amounts are read as they are written, not as floats."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._base = settings.MERCADOPAGO_API_BASE.rstrip("/")

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, Any] | None = None, **_options: Any
    ) -> Json:
        if method != "GET":
            raise ValueError("This portal only asks.")
        url = self._base + url.removeprefix(_LIBRARYS_BASE) + (f"?{urlencode(params)}" if params else "")
        answer = self._line.get(url, headers or {})
        try:
            return {"status": answer.status, "response": json.loads(answer.body, parse_float=Decimal)}
        except (ValueError, RecursionError):
            raise _broken() from None


class Question:
    """What is asked of Mercado Pago for one report, as plain dicts with Decimals. Every method raises CouldNotAsk.

    A payment may be announced before it can be asked for, so what is not found is worth another try.
    """

    def __init__(self, *, seconds: float | None = QUESTION_SECONDS) -> None:
        token = settings.MERCADOPAGO_ACCESS_TOKEN
        options = mercadopago.config.RequestOptions(connection_timeout=CALL_SECONDS, max_retries=0)
        line = Line(LABEL, token, seconds=seconds, is_found_later=True)
        self._sdk = mercadopago.SDK(token, http_client=_Http(line), request_options=options)

    def me(self) -> Json:
        return _object(self._sdk.user().get)

    def payment(self, payment_id: str) -> Json:
        return _object(self._sdk.payment().get, _number(payment_id))

    def order(self, order_id: str) -> Json:
        return _object(self._sdk.merchant_order().get, _number(order_id))

    def chargeback(self, chargeback_id: str) -> Json:
        return _object(self._sdk.chargeback().get, _number(chargeback_id))

    def preference(self, preference_id: str) -> Json:
        return _object(self._sdk.preference().get, preference_id)

    def payments_for(self, checkout_id: str) -> list[Json]:
        """Of our checkout, the newest first."""
        filters = {"external_reference": checkout_id, "sort": "date_created", "criteria": "desc", "limit": MOST_PAYMENTS}
        return _results(self._sdk.payment().search, filters)

    def payments_updated(self, since: datetime, until: datetime, *, offset: int = 0) -> list[Json]:
        """A page, the one that changed longest ago first."""
        filters = {
            "range": "date_last_updated",
            "begin_date": _moment(since),
            "end_date": _moment(until),
            "sort": "date_last_updated",
            "criteria": "asc",
            "limit": PAGE,
            "offset": offset,
        }
        return _results(self._sdk.payment().search, filters)


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(thing_id: str) -> str:
    if not (thing_id.isascii() and thing_id.isdigit() and len(thing_id) <= 30):
        raise CouldNotAsk("not_found", _("“%(id)s” is no id of Mercado Pago's.") % {"id": thing_id[:60]}, again=False)
    return thing_id


def _object(ask: Callable[..., Mapping[str, Any]], *arguments: Any) -> Json:
    found = ask(*arguments)["response"]
    if not isinstance(found, dict):
        raise _broken()
    return found


def _results(ask: Callable[..., Mapping[str, Any]], filters: Json) -> list[Json]:
    found = _object(ask, filters).get("results")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _broken()
    return found


def _broken() -> CouldNotAsk:
    return CouldNotAsk("broken", _("Mercado Pago answered something that makes no sense here."))
