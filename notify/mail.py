"""The mail of accounts goes through the outbox: a mail server that is away neither holds up a sign-in page nor loses the mail."""

from uuid import uuid4

from django.db import transaction

from accounts.mail import Mail
from notify import actions


@transaction.atomic
def carry(mail: Mail) -> None:
    actions.enqueue_email(topic=mail.topic, subject=mail.subject, body=mail.body, to=mail.to, key=f"{mail.topic}-{uuid4()}", is_secret=mail.is_secret)
