"""Finding what an address of a review names, and answering after an act on it: the same in every view."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRefresh

from review.drawing import Board, Row
from review.models import Kind
from review.queries.review import page_of
from review.queries.samples import samples_at
from review.status import Status

YEARS = range(2000, 3000)


def day_of(kind: str, day: str) -> date:
    """Raises Http404 for what names no review: another kind, or a day that is none."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    if kind not in Kind.values or on.isoformat() != day or on.year not in YEARS:
        raise Http404
    return on


def board_of(request: HttpRequest, kind: str, day: str) -> Board:
    review = page_of(kind, day_of(kind, day))
    nobody = review.begun is None and review.standing.status in (Status.MISSED, Status.NONE)
    return Board(review, request, samples_at(review.standing) if nobody else None)


def row_of(board: Board, key: str) -> Row:
    """Raises Http404 for a line that the review doesn't have, or that the person may not see."""
    row = board.row(key)
    if row is None:
        raise Http404
    return row


def names(kind: str, day: str) -> dict[str, object]:
    """What every template of a review needs to name it."""
    return {"kind": kind, "day": day, "kind_label": Kind(kind).label, "on": day_of(kind, day)}


def changed(request: HttpRequest, kind: str, day: str, key: str, *, back: str = "") -> HttpResponse:
    """After an act on a line: the line anew, and what counts it. `back`: which of its controls had the focus.

    Where nothing can be done any more, somebody has signed meanwhile: then the whole page.
    """
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('review', args=[kind, day])}#line-{key}")
    board = board_of(request, kind, day)
    if not board.may:
        return HttpResponseClientRefresh()
    return render(request, "review/_changed.html", names(kind, day) | {"board": board, "row": row_of(board, key), "back": back})
