"""The part of Mercado Pago's API that a reader needs, with its paging and its errors."""

import re
from datetime import datetime, timedelta
from typing import Any

from sandbox.providers.answers import Answer, Call, as_json
from sandbox.providers.mercadopago_objects import Object
from sandbox.providers.mercadopago_state import MercadoPagoState

DATES = ("date_created", "date_last_updated", "date_approved")
MOST = 1000


class Refused(Exception):
    def __init__(self, status: int, message: str, error: str) -> None:
        super().__init__(message)
        self.status, self.content = status, {"message": message, "error": error, "status": status, "cause": []}


class MercadoPagoApi:
    def __init__(self, state: MercadoPagoState) -> None:
        self.state = state

    def answer(self, call: Call) -> Answer:
        trouble = self.state.trouble.take()
        if trouble:
            return self._in_trouble(trouble)
        try:
            with self.state.lock:
                self._check_token(call)
                return as_json(200, self._found(call), **{"x-request-id": self.state.ids.uuid()})
        except Refused as refused:
            return as_json(refused.status, refused.content)

    def _in_trouble(self, kind: str) -> Answer:
        match kind:
            case "timeout":
                return Answer(0, b"", wait=self.state.trouble.timeout)
            case "broken":
                return Answer(200, b"<html><body>Bad gateway</body></html>")
            case "429":
                return as_json(429, {"message": "Too many requests", "error": "too_many_requests", "status": 429, "cause": []})
            case "refused":
                return as_json(401, {"message": "invalid access token", "error": "unauthorized", "status": 401, "cause": []})
        return as_json(int(kind), {"message": "internal_error", "error": "internal_error", "status": int(kind), "cause": []})

    def _check_token(self, call: Call) -> None:
        scheme, _space, value = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not value:
            raise Refused(401, "Must provide your access_token to proceed", "unauthorized")
        if value != self.state.key:
            raise Refused(401, "invalid access token", "unauthorized")

    def _found(self, call: Call) -> Any:
        state = self.state
        if call.method != "GET":
            raise Refused(405, "Method not allowed", "method_not_allowed")
        path = call.path.strip("/")
        if path == "users/me":
            return state.user
        searches = {
            "v1/payments/search": self._search, "v1/chargebacks/search": self._search_chargebacks,
            "checkout/preferences/search": self._search_preferences, "merchant_orders/search": self._search_orders,
        }  # fmt: skip
        if path in searches:
            return searches[path](call)
        stores = {
            "v1/payments": state.payments,
            "v1/chargebacks": state.chargebacks,
            "checkout/preferences": state.preferences,
            "merchant_orders": state.orders,
        }
        folder, _slash, id = path.rpartition("/")
        if folder not in stores:
            raise Refused(404, "resource not found", "not_found")
        if id not in stores[folder]:
            raise Refused(404, f"{folder.rpartition('/')[2].rstrip('s').replace('_', ' ').capitalize()} not found", "not_found")
        return stores[folder][id]

    def _search_chargebacks(self, call: Call) -> Object:
        rows = [row for row in self.state.chargebacks.values() if call.one("payment_id") in ("", *map(str, row["payments"]))]
        return {"paging": {"total": len(rows), "limit": 30, "offset": 0}, "results": rows[:30]}

    def _search(self, call: Call) -> Object:
        """/v1/payments/search. `range` names the date between `begin_date` and `end_date`; `sort` and `criteria` its order."""
        state = self.state
        reference = call.one("external_reference")
        rows = [state.payments[id] for id in state.by_reference.get(reference, [])] if reference else list(state.payments.values())
        if status := call.one("status"):
            rows = [row for row in rows if row["status"] == status]
        if call.one("begin_date") or call.one("end_date"):
            rows = self._between(call, rows)
        sort = call.one("sort", "date_created")
        if sort not in (*DATES, "id"):
            raise Refused(400, f"Invalid sort: {sort}", "bad_request")
        rows.sort(key=lambda row: (row[sort] or "", row["id"]), reverse=call.one("criteria", "desc") == "desc")
        return _paged(call, rows)

    def _between(self, call: Call, rows: list[Object]) -> list[Object]:
        field, now = call.one("range", "date_created"), self.state.now()
        if field not in DATES:
            raise Refused(400, f"Invalid range: {field}", "bad_request")
        begin, end = _moment(call.one("begin_date"), now, now - timedelta(days=90)), _moment(call.one("end_date"), now, now)
        return [row for row in rows if row[field] and begin <= datetime.fromisoformat(row[field]) <= end]

    def _search_preferences(self, call: Call) -> Object:
        reference = call.one("external_reference")
        rows = [row for row in self.state.preferences.values() if reference in ("", row["external_reference"])]
        limit, offset = _limits(call, 50)
        return {"elements": rows[offset : offset + limit], "next_offset": offset + limit, "total": len(rows)}

    def _search_orders(self, call: Call) -> Object:
        """Elements are null when there are none, as the real one has it."""
        state, preference, reference = self.state, call.one("preference_id"), call.one("external_reference")
        if preference:
            rows = [state.orders[state.order_of[preference]]] if preference in state.order_of else []
        else:
            rows = [row for row in state.orders.values() if reference in ("", row["external_reference"])]
        limit, offset = _limits(call, 20)
        return {"elements": rows[offset : offset + limit] or None, "next_offset": min(offset + limit, len(rows)), "total": len(rows)}


def _paged(call: Call, rows: list[Object]) -> Object:
    limit, offset = _limits(call, 30)
    if offset + limit > 10_000:
        raise Refused(400, "Result window is too large: offset + limit must be 10000 or less", "bad_request")
    return {"paging": {"total": len(rows), "limit": limit, "offset": offset}, "results": rows[offset : offset + limit]}


def _limits(call: Call, usual: int) -> tuple[int, int]:
    try:
        limit, offset = int(call.one("limit", str(usual))), int(call.one("offset", "0"))
    except ValueError:
        raise Refused(400, "limit and offset must be numbers", "bad_request") from None
    if not 0 <= limit <= MOST or offset < 0:
        raise Refused(400, f"limit must be between 0 and {MOST}", "bad_request")
    return limit, offset


def _moment(text: str, now: datetime, default: datetime) -> datetime:
    """ISO 8601, or the API's own NOW-30DAYS."""
    if not text:
        return default
    if found := re.fullmatch(r"NOW(?:-(\d+)(DAY|HOUR|MINUTE|MONTH|YEAR)S?)?", text):
        number, unit = int(found[1] or 0), found[2] or "DAY"
        return now - number * timedelta(
            **{"DAY": {"days": 1}, "HOUR": {"hours": 1}, "MINUTE": {"minutes": 1}, "MONTH": {"days": 30}, "YEAR": {"days": 365}}[unit]
        )
    try:
        # A plus sign that nobody encoded comes as a space.
        return datetime.fromisoformat(text.replace(" ", "+")).astimezone(now.tzinfo)
    except ValueError:
        raise Refused(400, f"Invalid date: {text}", "bad_request") from None
