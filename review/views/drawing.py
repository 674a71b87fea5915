"""The pages of a review, from its board."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from beta.queries.program import get_program
from review.days import strip, window
from review.drawing import Board
from review.forms import ReviewNoteForm
from review.models import Kind
from review.page import ReviewPage
from review.queries.history import calendar
from review.views.loading import names

Context = dict[str, Any]


def review_page(request: HttpRequest, board: Board, *, note_form: Form | None = None) -> HttpResponse:
    review = board.review
    days = strip(calendar(*window(get_program(), review.day)), review.kind, review.day)
    context = _names(review) | {"board": board, "days": days, "compares": request.GET.get("compare") != "0"}
    context["note_form"] = note_form or ReviewNoteForm(kept=review.note)
    return render(request, "review/review.html", context, status=422 if note_form else 200)


def sign_page(request: HttpRequest, board: Board, form: Form) -> HttpResponse:
    """The question, in the page or over it; back to the review where there is nothing to sign."""
    if not board.may:
        return redirect("review", board.review.kind, board.review.day.isoformat())
    if board.review.open_fails:
        form.fields["reason"].required, form.fields["reason"].label = True, _("Why is it signed all the same?")
    context = _names(board.review) | {"board": board, "form": form, "points": board.signing_points}
    return render(request, "review/sign.html", context, status=422 if form.errors else 200)


def _names(review: ReviewPage) -> Context:
    return names(review.kind, review.day.isoformat()) | {"title": title_of(review)}


def title_of(review: ReviewPage) -> str:
    day = date_format(review.day, "WEEKDAY_FORMAT")
    morning, evening = _("Morning review, %(day)s"), _("Evening review, %(day)s")
    return (morning if review.kind == Kind.MORNING else evening) % {"day": day}
