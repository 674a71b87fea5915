"""A form of a line: in the line itself, or, without JavaScript, on a page of its own."""

from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from accounts.roles import roles_with
from review.drawing import Board, Row
from review.views.drawing import title_of
from review.views.loading import changed, names

WORDS = {
    "note": (_("Note on a line"), _("Save the note")),
    "assign": (_("Assign a line"), _("Assign")),
    "snooze": (_("Snooze a line"), _("Snooze")),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a line: `name` is the control that opened it."""

    name: str
    title: str | Promise
    act: str | Promise
    url: str
    form: Form


def form_in_line(request: HttpRequest, board: Board, row: Row, name: str, form: Form) -> HttpResponse:
    """Where nothing can be done with the line any more: back to the review."""
    kind, day = board.review.kind, board.review.day.isoformat()
    if not row.may:
        return changed(request, kind, day, row.line.key)
    title, act = WORDS[name]
    ask = Ask(name, title, act, reverse(f"review_line_{name}", args=[kind, day, row.line.key]), form)
    context: dict[str, Any] = names(kind, day) | {"row": row, "ask": ask}
    status = 422 if form.is_bound else 200
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "review/_line.html", context, status=status)
    context["title"] = title_of(board.review)
    return render(request, "review/line_form.html", context, status=status)


def ids(key: str) -> str:
    """Several lines may have their form open at once."""
    return f"{key}-%s"


def people(request: HttpRequest) -> list[tuple[str, str]]:
    """Who does reviews, by name; whoever asks comes first."""
    found = Person.objects.filter(is_active=True, role__in=roles_with("review.do")).order_by("name", "pk")
    return [(str(person.pk), str(person)) for person in sorted(found, key=lambda person: person.pk != request.user.pk)]
