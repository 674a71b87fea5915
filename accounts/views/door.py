"""How people come in for the first time: by a one-time link, or as the very first."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.forms import FirstForm, JoinForm
from accounts.models import Person
from accounts.queries import anybody_exists, invite_of
from audit.actors import Actor
from opsportal.access import public
from opsportal.errors import OpsError


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    try:
        invite = invite_of(token)
    except OpsError as error:
        return render(request, "accounts/join_closed.html", {"error": error}, status=error.status)
    form = JoinForm(request.POST or None, initial={"name": invite.name})
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.accept_invite(actor=Actor.anonymous(invite.email), token=token, **form.cleaned_data)
        except OpsError as error:
            form.refuse(error)
        else:
            return _sign_in(request, person)
    return render(request, "accounts/join.html", {"form": form, "invite": invite}, status=422 if form.errors else 200)


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def first(request: HttpRequest) -> HttpResponse:
    if anybody_exists():
        return redirect("account_login")
    if settings.PRODUCTION:
        return render(request, "accounts/first_by_command.html")
    form = FirstForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            person = actions.create_first_person(actor=Actor.anonymous(email), **form.cleaned_data)
        except OpsError as error:
            form.refuse(error)
        else:
            return _sign_in(request, person)
    return render(request, "accounts/first.html", {"form": form}, status=422 if form.errors else 200)


def _sign_in(request: HttpRequest, person: Person) -> HttpResponse:
    response: HttpResponse = perform_password_login(
        request, {"email": person.email}, Login(user=person, email=person.email, redirect_url=reverse("today"))
    )
    return response
