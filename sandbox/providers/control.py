"""Makes things happen at the stand-ins over HTTP: POST /control/<provider>/<verb> with a JSON object of arguments; GET /control says which verbs there are."""

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from sandbox.product import Product
from sandbox.providers.answers import Answer, Call, as_json
from sandbox.providers.mercadopago import MercadoPago
from sandbox.providers.stand_in import NotPossible, StandIn
from sandbox.providers.stripe import Stripe

VERBS = (
    "start_checkout",
    "pay",
    "begin_payment",
    "review",
    "end_payment",
    "fail",
    "expire",
    "refund",
    "end_refund",
    "dispute",
    "close_dispute",
    "renew",
    "cancel",
)


class Control:
    """`after` is told of each act that was done: (part, verb, arguments)."""

    def __init__(self, stripe: Stripe, mercadopago: MercadoPago, product: Product) -> None:
        self.after: Callable[[str, str, Mapping[str, Any]], None] = lambda part, verb, arguments: None
        self.verbs: dict[str, dict[str, Callable[..., Any]]] = {
            stand_in.name: {verb: getattr(stand_in, verb) for verb in VERBS if hasattr(stand_in, verb)}
            | {"trouble": stand_in.trouble.next, "trouble_over": stand_in.trouble.over, "books": lambda one=stand_in: books(one)}
            for stand_in in (stripe, mercadopago)
        }
        self.verbs["product"] = {"fail": product.fail}

    def answer(self, call: Call) -> Answer:
        part, _slash, verb = call.path.strip("/").partition("/")
        if call.method == "GET":
            return as_json(200, {name: {verb: f"{inspect.signature(does)}" for verb, does in verbs.items()} for name, verbs in self.verbs.items()})
        does = self.verbs.get(part, {}).get(verb)
        if does is None:
            return as_json(404, {"error": f"There is no {part}/{verb}; GET /control lists what there is."})
        try:
            arguments = json.loads(call.body or b"{}")
            inspect.signature(does).bind(**arguments)
        except (ValueError, TypeError) as error:
            return as_json(400, {"error": f"{error}; {verb}{inspect.signature(does)}"})
        try:
            result = does(**arguments)
        except (NotPossible, ValueError, KeyError, TypeError) as error:
            return as_json(409, {"error": str(error)})
        self.after(part, verb, arguments)
        return as_json(200, {"result": result})

    def replay(self, part: str, verb: str, arguments: Mapping[str, Any]) -> None:
        """An act of an earlier day, again."""
        self.verbs[part][verb](**arguments)


def books(stand_in: StandIn) -> list[dict[str, Any]]:
    """What the ledger says, newest first, a hundred checkouts at most."""
    with stand_in.lock:
        rows = [asdict(checkout) for checkout in list(stand_in.books.checkouts.values())[::-1][:100]]
    return [json.loads(json.dumps(row, default=str)) for row in rows]
