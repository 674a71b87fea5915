"""Who carries the mail of sign-ins and accounts. An upper app may take it over; without one it goes straight to the mail server."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import send_mail


@dataclass(frozen=True, slots=True)
class Mail:
    """Plain text to one person. `is_secret`: it holds a link that lets somebody in."""

    to: str
    topic: str
    subject: str
    body: str
    is_secret: bool = False

    def __repr__(self) -> str:
        return f"Mail({self.topic})"


def _straight(mail: Mail) -> None:
    send_mail(mail.subject, mail.body, settings.DEFAULT_FROM_EMAIL, [mail.to])


_carry: Callable[[Mail], None] = _straight


def set_carrier(carry: Callable[[Mail], None]) -> None:
    """Told by the app that delivers messages. It may raise OSError when it can't take the mail."""
    global _carry
    _carry = carry


def send(mail: Mail) -> None:
    _carry(mail)
