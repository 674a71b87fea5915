from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of
from review import actions
from review.duty_forms import HandoverForm
from review.queries import duty as queries


@require_safe
@requires("review.view")
def duty(request: HttpRequest) -> HttpResponse:
    """Who is on duty, who was, and the notes that were left."""
    cursor = request.GET.get("cursor", "")
    which = "notes" if request.GET.get("list") == "notes" else "shifts"
    rows, order = (queries.handovers(), queries.HANDOVER_ORDER) if which == "notes" else (queries.shifts(), queries.SHIFT_ORDER)
    now = queries.duty()
    context = {"duty": now, "is_mine": now.is_held_by(request.user.pk), "which": which, "page": page_of(rows, cursor, fields=order)}
    return render(request, "review/duty/duty.html", context)


@require_http_methods(["GET", "POST"])
@requires("review.do")
def take(request: HttpRequest) -> HttpResponse:
    """Asked again while somebody else is on duty; who that is, the form carries, so that a takeover is never by accident."""
    shift = queries.on_duty()
    is_taken = shift is not None and shift.person_id != str(request.user.pk)
    if request.method == "POST" and (shift is None or not is_taken or request.POST.get("instead_of") == str(shift.pk)):
        act(request, actions.take_duty, done=_("You are on duty. The notes that were left are yours now."))
        return redirect("today")
    return render(request, "review/duty/take.html", {"shift": shift if is_taken else None})


@require_POST
@requires("review.do")
def end(request: HttpRequest) -> HttpResponse:
    act(request, actions.end_duty, done=_("Your duty is over. Nobody is on duty until somebody takes it."))
    return redirect("today")


@require_http_methods(["GET", "POST"])
@requires("review.do")
def write(request: HttpRequest) -> HttpResponse:
    form = HandoverForm(request.POST or None)
    done = _("The note is pinned until the next person takes duty.")
    if form.is_valid() and act(request, actions.write_handover, done=done, form=form, **form.cleaned_data):
        return redirect("today")
    return render(request, "review/duty/write.html", {"form": form}, status=422 if form.is_bound else 200)
