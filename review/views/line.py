from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from opsportal.access import requires
from opsportal.acts import act
from review.actions import assign_line, note_line, snooze_line, tick_line, untick_line, wake_line
from review.forms import AssignForm, LineNoteForm, SnoozeForm
from review.history import line_for
from review.views.asking import ask
from review.views.line_form import form_in_line, ids, people
from review.views.loading import board_of, changed, day_of, row_of


@require_safe
@requires("review.view")
def line(request: HttpRequest, kind: str, day: str, line_key: str) -> HttpResponse:
    """The line as it is: for a form that was given up."""
    return changed(request, kind, day, line_key, back=request.GET.get("back", ""))


@require_POST
@requires("review.do")
def tick(request: HttpRequest, kind: str, day: str, line_key: str) -> HttpResponse:
    line_for(request, line_key)
    action = tick_line if request.POST.get("done", "1") == "1" else untick_line
    act(request, action, done="", kind=kind, day=day_of(kind, day), key=line_key)
    return changed(request, kind, day, line_key)


@require_POST
@requires("review.do")
def read(request: HttpRequest, kind: str, day: str, line_key: str) -> HttpResponse:
    line_for(request, line_key)
    ask(request, kind, day_of(kind, day), [line_key])
    return changed(request, kind, day, line_key)


@require_http_methods(["GET", "POST"])
@requires("review.do")
def note(request: HttpRequest, kind: str, day: str, line_key: str) -> HttpResponse:
    board = board_of(request, kind, day)
    row = row_of(board, line_key)
    form = LineNoteForm(request.POST or None, auto_id=ids(line_key), kept=row.line.note_seen)
    if form.is_valid() and act(request, note_line, done="", form=form, kind=kind, day=day_of(kind, day), key=line_key, **form.cleaned_data):
        return changed(request, kind, day, line_key, back="note")
    form.saw(row.line.note_seen)
    return form_in_line(request, board, row, "note", form)


@require_http_methods(["GET", "POST"])
@requires("review.do")
def assign(request: HttpRequest, kind: str, day: str, line_key: str) -> HttpResponse:
    board = board_of(request, kind, day)
    row = row_of(board, line_key)
    form = AssignForm(request.POST or None, auto_id=ids(line_key), people=people(request), initial={"person_id": row.line.assignee_id})
    if form.is_valid() and act(request, assign_line, done="", form=form, kind=kind, day=day_of(kind, day), key=line_key, **form.cleaned_data):
        return changed(request, kind, day, line_key, back="assign")
    return form_in_line(request, board, row, "assign", form)


@require_http_methods(["GET", "POST"])
@requires("review.do")
def snooze(request: HttpRequest, kind: str, day: str, line_key: str) -> HttpResponse:
    board = board_of(request, kind, day)
    row = row_of(board, line_key)
    form = SnoozeForm(request.POST or None, auto_id=ids(line_key), kind=kind)
    if form.is_valid() and act(request, snooze_line, done="", form=form, key=line_key, until=form.until, reason=form.cleaned_data["reason"]):
        return changed(request, kind, day, line_key, back="snooze")
    return form_in_line(request, board, row, "snooze", form)


@require_POST
@requires("review.do")
def wake(request: HttpRequest, kind: str, day: str, line_key: str) -> HttpResponse:
    line_for(request, line_key)
    day_of(kind, day)
    act(request, wake_line, done=_("The snooze is over.") if not request.htmx else "", key=line_key)  # type: ignore[attr-defined]
    return changed(request, kind, day, line_key, back="snooze")
