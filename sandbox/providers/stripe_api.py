"""The part of Stripe's API that a reader needs: objects, lists with paging, expansion, and its errors."""

import base64
import binascii
import copy
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from sandbox.providers.answers import Answer, Call, as_json
from sandbox.providers.stand_in import NotPossible
from sandbox.providers.stripe_objects import API_VERSION, Object
from sandbox.providers.stripe_state import StripeState, link

# Path of a list -> (kind, the fields it can be asked by)
LISTS = {
    "checkout/sessions": ("checkout.session", ("payment_intent", "subscription")), "charges": ("charge", ("payment_intent",)),
    "payment_intents": ("payment_intent", ()), "refunds": ("refund", ("payment_intent", "charge")), "disputes": ("dispute", ("payment_intent", "charge")),
    "invoices": ("invoice", ("subscription",)), "invoice_payments": ("invoice_payment", ("invoice", "payment_intent")),
    "subscriptions": ("subscription", ()), "events": ("event", ()),
}  # fmt: skip
NAMES = {"payment[payment_intent]": "payment_intent"}


class Refused(Exception):
    """An error as Stripe answers it."""

    def __init__(self, status: int, message: str, **fields: str) -> None:
        super().__init__(message)
        self.status, self.error = status, {"message": message, "type": "invalid_request_error"} | fields


class StripeApi:
    def __init__(self, state: StripeState) -> None:
        self.state = state

    def answer(self, call: Call) -> Answer:
        headers = {"Request-Id": self.state.ids.text("req_", 14), "Stripe-Version": API_VERSION}
        trouble = self.state.trouble.take()
        if trouble:
            return self._in_trouble(trouble, headers)
        try:
            with self.state.lock:
                self._check_key(call)
                return as_json(200, self._found(call), **headers)
        except Refused as refused:
            return as_json(refused.status, {"error": refused.error}, **headers)

    def _in_trouble(self, kind: str, headers: dict[str, str]) -> Answer:
        match kind:
            case "timeout":
                return Answer(0, b"", wait=self.state.trouble.timeout)
            case "broken":
                return Answer(200, b'{"id": "pi_3', headers)
            case "429":
                words = "Request rate limit exceeded."
                return as_json(429, {"error": {"message": words, "type": "invalid_request_error", "code": "rate_limit"}}, **headers)
            case "refused":
                return as_json(
                    401,
                    {"error": {"message": "Expired API Key provided: sk_test_****", "type": "invalid_request_error", "code": "api_key_expired"}},
                    **headers,
                )
        return as_json(int(kind), {"error": {"message": "An unknown error occurred.", "type": "api_error"}}, **headers)

    def _check_key(self, call: Call) -> None:
        scheme, _space, value = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                value = base64.b64decode(value, validate=True).decode("latin-1").partition(":")[0]
            except binascii.Error:
                value = ""
        if not value:
            raise Refused(401, "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.")
        if value != self.state.key:
            raise Refused(401, f"Invalid API Key provided: {value[:8]}****")

    def _found(self, call: Call) -> Object:
        version, _slash, path = call.path.strip("/").partition("/")
        if call.method != "GET" or version != "v1":
            raise Refused(404, f"Unrecognized request URL ({call.method}: {call.path}).")
        if path == "account":
            return self.state.account
        expands = [value for name in call.query if name.startswith("expand[") for value in call.query[name]]
        if path in LISTS:
            return self._list(call, path, expands)
        if path == "payment_intents/search":
            return self._search(call)
        folder, _slash, id = path.rpartition("/")
        if folder not in LISTS:
            raise Refused(404, f"Unrecognized request URL ({call.method}: {call.path}).")
        return self._expanded(self._one(LISTS[folder][0], id), expands)

    def _one(self, kind: str, id: str) -> Object:
        if kind == "event" and id in self.state.place_of_event:
            return self.state.events[self.state.place_of_event[id]]
        try:
            return self.state.get(id, kind)
        except NotPossible as error:
            raise Refused(404, str(error), code="resource_missing", param="id") from None

    def _list(self, call: Call, path: str, expands: list[str]) -> Object:
        kind, fields = LISTS[path]
        limit = _limit(call)
        if kind == "event":
            rows, more = self._page_of_events(call, limit)
        else:
            asked = {NAMES.get(name, name): values[0] for name, values in call.query.items() if NAMES.get(name, name) in fields}
            rows, more = _page(self._matching(kind, asked), call, limit)
        deeper = [one.removeprefix("data.") for one in expands]
        return {"object": "list", "data": [self._expanded(row, deeper) for row in rows], "has_more": more, "url": f"/v1/{path}"}

    def _search(self, call: Call) -> Object:
        """By one value of the metadata; of the real one's language no more. At once, where the real one is a minute late."""
        asked = re.fullmatch(r"metadata\['(\w+)'\]:'((?:[^'\\]|\\.)*)'", call.one("query"))
        if not asked:
            raise Refused(400, "We were unable to parse your search query.", param="query")
        wanted = re.sub(r"\\(.)", r"\1", asked[2])
        found = [one for one in self._matching("payment_intent", {}) if one["metadata"].get(asked[1]) == wanted]
        limit = _limit(call)
        return {
            "object": "search_result",
            "data": found[:limit],
            "has_more": len(found) > limit,
            "next_page": None,
            "url": "/v1/payment_intents/search",
        }

    def _matching(self, kind: str, asked: dict[str, str]) -> list[Object]:
        """Newest first."""
        state = self.state
        if asked:
            field, owner = next(iter(asked.items()))
            ids = state.belonging.get((kind, field, owner), [])
        else:
            ids = state.by_kind.get(kind, [])
        return [state.objects[id] for id in reversed(ids) if all(link(state.objects[id], name) == value for name, value in asked.items())]

    def _page_of_events(self, call: Call, limit: int) -> tuple[list[Object], bool]:
        """From the newest down; the list is in the order of its moments, so nothing is looked at in vain."""
        events, created = self.state.events, [name for name in call.query if name.startswith("created[")]
        low, high = 0, len(events)
        for name in created:
            moment = int(call.one(name))
            match name:
                case "created[gte]":
                    low = max(low, bisect_left(events, moment, key=_created))
                case "created[gt]":
                    low = max(low, bisect_right(events, moment, key=_created))
                case "created[lte]":
                    high = min(high, bisect_right(events, moment, key=_created))
                case "created[lt]":
                    high = min(high, bisect_left(events, moment, key=_created))
        types = {value for name, values in call.query.items() if name == "type" or name.startswith("types[") for value in values}
        is_wanted: Callable[[Object], bool] = lambda event: not types or event["type"] in types  # noqa: E731
        if before := call.one("ending_before"):
            low = max(low, self._place(before) + 1)
            places = [place for place in range(low, high) if is_wanted(events[place])]
            return [events[place] for place in reversed(places[:limit])], len(places) > limit
        if after := call.one("starting_after"):
            high = min(high, self._place(after))
        rows: list[Object] = []
        for place in range(high - 1, low - 1, -1):
            if is_wanted(events[place]):
                if len(rows) == limit:
                    return rows, True
                rows.append(events[place])
        return rows, False

    def _place(self, id: str) -> int:
        try:
            return self.state.place_of_event[id]
        except KeyError:
            raise Refused(400, f"No such event: '{id}'", code="resource_missing", param="starting_after") from None

    def _expanded(self, one: Object, paths: list[str]) -> Object:
        """A copy in which the ids at `paths` are the objects they name, and lists that come only when asked for are there."""
        if not paths:
            return one
        whole = copy.deepcopy(one)
        for path in paths:
            if path.count(".") > 3:
                raise Refused(400, "You cannot expand more than 4 levels of a property.", param="expand")
            self._expand(whole, path.split("."))
        return whole

    def _expand(self, at: Any, steps: list[str]) -> None:
        if isinstance(at, list):
            for each in at:
                self._expand(each, steps)
            return
        if not isinstance(at, dict) or not steps:
            return
        step, *rest = steps
        if step == "payments" and at.get("object") == "invoice":
            at[step] = self._inside("invoice_payment", "invoice", at["id"], "/v1/invoice_payments")
        elif step == "refunds" and at.get("object") == "charge":
            at[step] = self._inside("refund", "charge", at["id"], f"/v1/charges/{at['id']}/refunds")
        elif step not in at:
            raise Refused(400, f"This property cannot be expanded ({step}).", param="expand")
        elif isinstance(at[step], str) and at[step] in self.state.objects:
            at[step] = copy.deepcopy(self.state.objects[at[step]])
        self._expand(at[step], rest)

    def _inside(self, kind: str, field: str, owner: str, url: str) -> Object:
        return {"object": "list", "data": copy.deepcopy(self._matching(kind, {field: owner})), "has_more": False, "url": url}


def _created(event: Object) -> int:
    return int(event["created"])


def _limit(call: Call) -> int:
    limit = int(call.one("limit", "10"))
    if not 1 <= limit <= 100:
        raise Refused(400, "This value must be between 1 and 100.", code="parameter_invalid_integer", param="limit")
    return limit


def _page(rows: list[Object], call: Call, limit: int) -> tuple[list[Object], bool]:
    ids = [row["id"] for row in rows]
    after, before = call.one("starting_after"), call.one("ending_before")
    if after in ids:
        rows = rows[ids.index(after) + 1 :]
    elif before in ids:
        rows = rows[: ids.index(before)][-limit:]
    return rows[:limit], len(rows) > limit
