"""What an app tells Today, asked as one person sees it."""

from typing import Any

from django.http import HttpRequest
from django.test import RequestFactory

from accounts.models import Person
from opsportal.needs import GaugeSource, NeedSource


def request_of(person: Person) -> HttpRequest:
    request = RequestFactory().get("/ops/")
    request.user = person
    return request


def needs(source: NeedSource, person: Person) -> list[tuple[int, str, str]]:
    """(harm, state, title) of each need."""
    return [(need.harm, str(need.state), str(need.title)) for need in source(request_of(person))]


def acts(source: NeedSource, person: Person) -> list[tuple[str, str, str] | None]:
    """(label, address, permission) of each need's act."""
    return [(str(need.act.label), need.act.url, need.act.permission) if need.act else None for need in source(request_of(person))]


def figure(source: GaugeSource, person: Person) -> tuple[Any, str] | None:
    """(figure, state) of a tile."""
    gauge = source(request_of(person))
    return (str(gauge.figure), str(gauge.state)) if gauge else None
