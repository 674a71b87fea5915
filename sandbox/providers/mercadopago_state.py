"""What a stand-in Mercado Pago keeps, and the notifications it sends."""

import json
from typing import Any

from sandbox.providers import mercadopago_objects as make
from sandbox.providers.mercadopago_objects import Object, minor, moment
from sandbox.providers.sending import Letter
from sandbox.providers.signing import mercadopago_signature
from sandbox.providers.stand_in import NotPossible, StandIn


class MercadoPagoState(StandIn):
    """`signs_in_ms`: the unit of a signature's moment; real ones come in both."""

    name = "mercadopago"

    def __init__(self, *, signs_in_ms: bool = True, sends_orders: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.signs_in_ms, self.sends_orders = signs_in_ms, sends_orders
        self.user = make.user(self.ids.number(9))
        self.preferences: dict[str, Object] = {}
        self.payments: dict[str, Object] = {}
        self.refunds: dict[str, Object] = {}
        self.orders: dict[str, Object] = {}
        self.order_of: dict[str, str] = {}
        self.chargebacks: dict[str, Object] = {}
        self.by_reference: dict[str, list[str]] = {}
        self._versions: dict[str, int] = {}

    def payment(self, id: str) -> Object:
        if id not in self.payments:
            raise NotPossible(f"Payment {id} not found")
        return self.payments[id]

    def _keep(self, payment: Object) -> Object:
        self.payments[str(payment["id"])] = payment
        if payment["external_reference"]:
            self.by_reference.setdefault(payment["external_reference"], []).append(str(payment["id"]))
        return payment

    def _moved(self, payment: Object, status: str, detail: str, *, is_new: bool = False) -> None:
        """A payment has another state: its order follows, and both are told."""
        payment.update(status=status, status_detail=detail, date_last_updated=moment(self.now()))
        self._tell_of_payment(payment, "payment.created" if is_new else "payment.updated")
        order = self.orders[payment["order"]["id"]]
        self._sum_up(order)
        if self.sends_orders:
            self._tell_of_order(order)

    def _sum_up(self, order: Object) -> None:
        rows = [self.payments[id] for id in self.payments_of(order)]
        order["payments"] = [
            {name: row[name] for name in ("id", "transaction_amount", "currency_id", "status", "status_detail", "operation_type", "date_approved")}
            | {"date_created": row["date_created"], "last_modified": row["date_last_updated"], "shipping_cost": 0}
            | {"amount_refunded": row["transaction_amount_refunded"], "total_paid_amount": row["transaction_amount"]}
            for row in rows
        ]
        paid = sum(minor(row["transaction_amount"]) for row in rows if row["status"] in ("approved", "refunded"))
        refunded = sum(minor(row["transaction_amount_refunded"]) for row in rows)
        is_paid = paid >= minor(order["total_amount"])
        reverted = "reverted" if refunded >= paid else "partially_reverted" if refunded else "paid"
        pending = "payment_in_process" if any(row["status"] in ("pending", "in_process") for row in rows) else "payment_required"
        order.update(
            paid_amount=make.decimal(paid), refunded_amount=make.decimal(refunded), last_updated=moment(self.now()),
            status="closed" if is_paid else "opened", order_status=reverted if is_paid else pending,
        )  # fmt: skip

    def payments_of(self, order: Object) -> list[str]:
        return list(self.books.checkouts[order["preference_id"]].payments)

    def _tell_of_payment(self, payment: Object, action: str) -> None:
        body = {
            "action": action, "api_version": "v1", "data": {"id": str(payment["id"])}, "date_created": moment(self.now()), "id": self.ids.number(12),
            "live_mode": True, "type": "payment", "user_id": str(self.user["id"]),
        }  # fmt: skip
        self._tell(str(body["id"]), action, str(payment["id"]), "payment", body)

    def _tell_of_order(self, order: Object) -> None:
        """This kind has the order's own id in the place of the notification's."""
        id = str(order["id"])
        self._versions[id] = version = self._versions.get(id, -1) + 1
        body = {
            "action": "update" if version else "create", "application_id": "1234567890123456", "id": id, "live_mode": False, "status": order["status"],
            "data": {"currency_id": "", "marketplace": "NONE", "status": order["status"]}, "date_created": moment(self.now()),
            "type": "topic_merchant_order_wh", "user_id": self.user["id"], "version": version,
        }  # fmt: skip
        self._tell(id, "topic_merchant_order_wh", id, "topic_merchant_order_wh", body)

    def _tell(self, event_id: str, event_type: str, data_id: str, topic: str, body: Object) -> None:
        url = f"{self.webhook_url}?data.id={data_id}&type={topic}" if self.webhook_url else ""
        raw = json.dumps(body).encode()
        request_id = self.ids.uuid()
        self.sender.put(Letter(event_id, event_type, url, raw, lambda forged: self._signed(data_id, request_id, forged)))

    def _signed(self, data_id: str, request_id: str, is_forged: bool) -> dict[str, str]:
        secret = "somebody else's" if is_forged else self.secrets[0]
        signature = mercadopago_signature(data_id, request_id, secret, self.signs_at(), in_ms=self.signs_in_ms)
        return {"x-signature": signature, "x-request-id": request_id, "User-Agent": "MercadoPago WebHook v1.0 payment"}
