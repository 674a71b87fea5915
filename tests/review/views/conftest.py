import re
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Person
from beta.models import Program
from review import actions
from tests.review.conftest import Lines, answer
from tests.signing_in import sign_in

ZONE = timezone.get_default_timezone()
NOON = datetime(2026, 3, 10, 9, 5, tzinfo=ZONE)
DAY = NOON.date()
A_DAY = timedelta(days=1)
HTMX = {"HTTP_HX_REQUEST": "true"}
PAGE = "/ops/reviews/morning/2026-03-10/"


@pytest.fixture
def moves(db: None, settings: Any) -> Iterator[time_machine.Traveller]:
    """Five past nine of the program's fourth day. Move before anybody signs in: sessions end."""
    settings.OPS_MORNING_REVIEW_AT, settings.OPS_MORNING_REVIEW_BY = time(9), time(10)
    settings.OPS_EVENING_REVIEW_AT, settings.OPS_EVENING_REVIEW_BY = time(18), time(19)
    Program.objects.update(starts_on=DAY - 3 * A_DAY, days=14)
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def diego(client: Client, operator: Person, moves: None) -> Client:
    return sign_in(client, operator)


@pytest.fixture
def vera(viewer: Person, moves: None) -> Client:
    return sign_in(Client(), viewer)


@pytest.fixture
def begun(lines: Lines, moves: None, operator: Person) -> Callable[..., Any]:
    """Begins the morning review with a line “speed” that is ok, and one “errors” that stands as said."""

    def begin(errors: str = "fail", **fields: Any) -> Any:
        lines("speed")
        lines("errors", lambda: answer(errors, 3), **fields)
        return actions.begin_review(actor=operator.actor, kind="morning")

    return begin


def text(response: HttpResponse) -> str:
    """The words of the page's own part, without tags."""
    page = response.content.decode()
    page = page[page.index("<main") : page.index("</main>")] if "<main" in page else page
    page = re.sub(r"<(svg|title)\b.*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(r"</?(a|b|code|span|q)\b[^>]*>", "", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def swapped(response: HttpResponse) -> list[str]:
    """The ids of what an answer to htmx replaces out of its place."""
    return re.findall(r'id="([^"]+)"[^>]* hx-swap-oob=', response.content.decode())


def said(response: Any) -> list[str]:
    """The messages of the page after."""
    return [str(message) for message in response.context["messages"]]
