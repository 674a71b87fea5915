from typing import Any, cast
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Person
from accounts.queries import anybody_exists
from accounts.requests import PersonRequest
from opsportal.problem import is_for_programs, problem

# Where somebody who still lacks the second factor may go: to set it up, or away.
_WITHOUT_SECOND_FACTOR = frozenset(
    {
        "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "mfa_view_recovery_codes", "mfa_download_recovery_codes",
        "account_reauthenticate", "account_logout", "set_language",
    }
)  # fmt: skip


class SignInMiddleware(LoginRequiredMiddleware):
    """Default-deny: every view that is not @public asks for a sign-in, and the dangerous roles for a second factor.

    Pages speak the signed-in person's language and show times in their zone. Programs' routes never touch a session.
    """

    def __call__(self, request: PersonRequest) -> HttpResponseBase:  # type: ignore[override]
        if is_for_programs(request):
            return cast(HttpResponseBase, self.get_response(request))
        with timezone.override(self.speak_to(request)):
            return cast(HttpResponseBase, self.get_response(request))

    def speak_to(self, request: PersonRequest) -> ZoneInfo | None:
        """Switch to the person's language; LocaleMiddleware has done it for everybody else. Returns their zone."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return None
        translation.activate(request.user.language)
        request.LANGUAGE_CODE = request.user.language
        return ZoneInfo(request.user.time_zone) if request.user.time_zone else None

    def process_view(  # type: ignore[override]
        self, request: PersonRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        if name == "account_login" and request.method == "GET" and not anybody_exists():
            return redirect("access_first")
        if not getattr(view_func, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return self.ask_sign_in(request)
        if lacks_second_factor(request.user) and name not in _WITHOUT_SECOND_FACTOR:
            return self.ask_second_factor(request)
        return None

    def ask_sign_in(self, request: PersonRequest) -> HttpResponseBase:
        if is_for_programs(request):
            return problem(request, 401, "unauthenticated", _("Send an API key as “Authorization: Bearer …”."))
        if not anybody_exists():
            return _lead(request, reverse("access_first"))
        if request.method not in ("GET", "HEAD"):
            messages.warning(request, _("Your session was over, so nothing was changed. Sign in and do it again."))
        return _lead(request, f"{reverse('account_login')}?{urlencode({'next': _page(request)}, safe='/')}")

    def ask_second_factor(self, request: PersonRequest) -> HttpResponseBase:
        if is_for_programs(request):
            return problem(request, 403, "second_factor_missing", _("Set up a second factor first."))
        return _lead(request, reverse("mfa_index"))


def lacks_second_factor(person: Person) -> bool:
    """Whether the person's role asks for a second factor here and they have none."""
    return settings.PRODUCTION and person.needs_second_factor and not person.second_factor


def _lead(request: PersonRequest, url: str) -> HttpResponse:
    # htmx would put the sign-in page into the fragment's place; told by header, it goes there with the whole window.
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _page(request: PersonRequest) -> str:
    """The page to come back to: what was asked for, or, if that was no plain GET, the page it was asked from."""
    if request.method in ("GET", "HEAD") and not request.htmx:
        return request.get_full_path()
    try:
        if request.htmx:
            return request.htmx.current_url_abs_path or reverse("today")
        referer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all, like http://[
        return reverse("today")
    return referer.path if referer.netloc == request.get_host() else reverse("today")
