"""What everybody may do with their own account."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

from accounts import actions
from accounts.forms import ProfileForm
from accounts.queries import second_factors, sessions_of
from accounts.requests import PersonRequest
from opsportal.access import public, requires
from opsportal.errors import OpsError


@require_http_methods(["GET", "HEAD", "POST"])
@requires("opsportal.view")
def account(request: PersonRequest) -> HttpResponse:
    person = request.user
    form = ProfileForm(request.POST or None, initial={"name": person.name, "language": person.language, "time_zone": person.time_zone})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_profile(actor=person.actor, person_id=person.pk, **form.cleaned_data)
        except OpsError as error:
            form.refuse(error)
        else:
            translation.activate(form.cleaned_data["language"])
            messages.success(request, _("Your profile is changed."))
            return redirect("account")
    context = {"form": form, "factors": second_factors(person), "sessions": sessions_of(person)}
    return render(request, "accounts/account.html", context, status=422 if form.errors else 200)


@require_safe
@requires("opsportal.view")
def sessions(request: PersonRequest) -> HttpResponse:
    context = {"sessions": sessions_of(request.user), "current": request.session.session_key}
    return render(request, "accounts/sessions.html", context)


@require_POST
@requires("opsportal.view")
def end_other_sessions(request: PersonRequest) -> HttpResponse:
    """All others, or the one that the form names."""
    person, keep = request.user, request.session.session_key or ""
    try:
        ended = actions.end_sessions(actor=person.actor, person_id=person.pk, keep=keep, only=request.POST.get("session", ""))
    except OpsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, ngettext("%(n)d session ended.", "%(n)d sessions ended.", ended) % {"n": ended})
    return redirect("usersessions_list")


@public
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remembered in a cookie; for somebody signed in, in their profile too."""
    response = set_language(request)
    language, person = request.POST.get("language", ""), request.user
    if person.is_authenticated and language in dict(settings.LANGUAGES) and language != person.language:
        actions.change_profile(actor=person.actor, person_id=person.pk, name=person.name, language=language, time_zone=person.time_zone)
    return response
