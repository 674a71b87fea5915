"""Heads of the audit log's seals leave by webhook, for whoever has a destination of this name."""

from collections.abc import Mapping
from typing import Any

from notify import actions
from notify.models import Destination

DESTINATION = "audit-seals"


def carry(facts: Mapping[str, Any]) -> None:
    """In the seal's own transaction: the message is owed exactly if the seal is there."""
    if Destination.objects.filter(name=DESTINATION, channel="webhook").exists():
        actions.enqueue_webhook(
            destination=DESTINATION, topic="audit.sealed", payload=facts, key=f"audit-seal-{facts['number']}-{facts['head'][:16]}"
        )
