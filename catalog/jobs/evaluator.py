from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from audit.actors import Actor
from catalog.actions.alert_firing import fire_alerts
from catalog.models import Alert
from jobs.job import Batch, Item, Job
from jobs.schedule import Every

SYSTEM = Actor.system("alert-evaluator")


class AlertEvaluator(Job):
    """Every active alert in turn, by id; a batch's crossings, events and messages are one transaction with its cursor."""

    name = "alert-evaluator"
    title = _("Alert evaluator")
    help = _("Looks at the active price alerts, and fires those whose price has come under their line. Their messages go through the outbox.")
    switch = "ENABLE_ALERT_EVALUATOR"
    schedule = Every(15 * 60)

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        alerts = Alert.objects.filter(status=Alert.Status.ACTIVE)
        if cursor is not None:
            alerts = alerts.filter(pk__gt=UUID(cursor))
        return [Item(str(pk)) for pk in alerts.order_by("pk").values_list("pk", flat=True)[:limit]]

    def process(self, batch: Batch) -> None:
        fired = fire_alerts(actor=SYSTEM, alert_ids=[UUID(item.key) for item in batch.items])
        if fired:
            batch.log(f"{len(fired)} fired.")
