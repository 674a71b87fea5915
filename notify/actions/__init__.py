"""Everything that is owed to the outside: written with the act that owes it, delivered after it."""

from notify.actions.delivery import Tally, deliver_due, deliver_message, requeue_due
from notify.actions.destination import (
    NewSecret,
    change_destination,
    create_destination,
    end_destination_secret,
    rotate_destination_secret,
    send_test,
    turn_destination_off,
    turn_destination_on,
)
from notify.actions.enqueue import enqueue, enqueue_email, enqueue_webhook
from notify.actions.message import retry_message, retry_messages, set_message_aside
from notify.actions.retention import purge_dead, purge_sent

__all__ = [
    "NewSecret", "Tally", "change_destination", "create_destination", "deliver_due", "deliver_message", "end_destination_secret", "enqueue",
    "enqueue_email", "enqueue_webhook", "purge_dead", "purge_sent", "requeue_due", "retry_message", "retry_messages", "rotate_destination_secret", "send_test",
    "set_message_aside", "turn_destination_off", "turn_destination_on",
]  # fmt: skip
