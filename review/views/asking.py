"""Having lines read again: no act, since nothing but figures changes."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest

from opsportal.errors import OpsError
from review import reading
from review.models import Review


def ask(request: HttpRequest, kind: str, day: date, keys: list[str] | None = None) -> int:
    """How many lines are read now; a refusal is said in a message, and 0."""
    try:
        return reading.ask(Review(kind=kind, day=day), keys)
    except OpsError as error:
        messages.error(request, str(error))
        return 0
