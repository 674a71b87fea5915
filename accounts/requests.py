from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Person


class PersonRequest(HttpRequest):
    """A request that @requires has let in: for the type checker, which can't know that somebody is signed in."""

    user: Person  # type: ignore[assignment]
    htmx: HtmxDetails
