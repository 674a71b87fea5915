from celery import shared_task

from notify import actions


@shared_task(name="notify.tasks.deliver")
def deliver(message_id: str) -> None:
    """Try to deliver one message. Any number of these may run for it: one claims it."""
    actions.deliver_message(message_id=message_id)
