from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from opsportal.access import requires
from opsportal.acts import act
from review.actions import begin_review, note_review, sign_review
from review.forms import ReviewNoteForm, SignForm
from review.views.asking import ask
from review.views.drawing import review_page, sign_page
from review.views.loading import board_of, day_of, names


@require_safe
@requires("review.view")
def page(request: HttpRequest, kind: str, day: str) -> HttpResponse:
    return review_page(request, board_of(request, kind, day))


@require_POST
@requires("review.do")
def begin(request: HttpRequest, kind: str, day: str) -> HttpResponse:
    act(request, begin_review, done="", kind=kind, day=day_of(kind, day))
    return redirect("review", kind, day)


@require_POST
@requires("review.do")
def read(request: HttpRequest, kind: str, day: str) -> HttpResponse:
    """All lines again."""
    if asked := ask(request, kind, day_of(kind, day)):
        messages.success(request, _("The lines are read again.") if asked > 1 else _("The line is read again."))
    return redirect("review", kind, day)


@require_safe
@never_cache
@requires("review.view")
def arrivals(request: HttpRequest, kind: str, day: str) -> HttpResponse:
    """The lines among ?pending= that have been read meanwhile. Asked for until there are none."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("review", kind, day)
    board = board_of(request, kind, day)
    if not board.review.standing.is_open:
        return HttpResponseClientRefresh()
    waited = request.GET.get("pending", "").split(",")
    arrived = [row for row in board.rows if row.line.key in waited and not row.line.pending]
    return render(request, "review/_arrived.html", names(kind, day) | {"board": board, "arrived": arrived})


@require_POST
@requires("review.do")
def note(request: HttpRequest, kind: str, day: str) -> HttpResponse:
    """What the next review should know."""
    on = day_of(kind, day)
    form = ReviewNoteForm(request.POST, kept="")
    if form.is_valid() and act(request, note_review, done=_("The note is saved."), form=form, kind=kind, day=on, **form.cleaned_data):
        return redirect("review", kind, day)
    board = board_of(request, kind, day)
    if not board.may:
        messages.error(request, " ".join(map(str, form.non_field_errors())))
        return redirect("review", kind, day)
    form.saw(board.review.note)
    return review_page(request, board, note_form=form)


@require_http_methods(["GET", "POST"])
@requires("review.do")
def sign(request: HttpRequest, kind: str, day: str) -> HttpResponse:
    on, form = day_of(kind, day), SignForm(request.POST if request.method == "POST" else None)
    done = _("Signed. What this page shows is frozen.")
    if form.is_valid() and act(request, sign_review, done=done, form=form, kind=kind, day=on, **form.cleaned_data):
        return redirect("review", kind, day)
    return sign_page(request, board_of(request, kind, day), form)
