"""Who may enter a route. Every view says so with @requires or @public; the architecture tests find one that does not."""

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows import login as login_flow
from allauth.account.internal.flows import reauthentication
from allauth.core.internal.httpkit import serialize_request
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

View = Callable[..., HttpResponseBase]


class MissingPermission(PermissionDenied):
    """Raised with the permission's name, so that the 403 page can say which roles have it."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


def public(view: View) -> View:
    """Open to anyone; must also stand in the architecture tests' PUBLIC list."""
    view = login_not_required(view)
    view.is_public = True  # type: ignore[attr-defined]
    return view


def requires(permission: str, *, fresh: bool = False) -> Callable[[View], View]:
    """Let in signed-in people with the permission.

    With `fresh`, anything but GET and HEAD also needs a sign-in of the last 10 minutes; what was posted is kept and
    goes on after it. Anonymous requests never come here: LoginRequiredMiddleware sends them to sign in.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise MissingPermission(permission)
            if fresh and request.method not in ("GET", "HEAD") and not is_fresh(request):
                return ask_again(request)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.needs_fresh_sign_in = fresh  # type: ignore[attr-defined]
        return guarded

    return decorate


def ask_again(request: HttpRequest) -> HttpResponse:
    """Keep what was posted, and go on with it after a repeated sign-in; an htmx call goes there with the whole window.

    allauth resumes it as part of that sign-in's request, and the view's own checks run again. Cookies are not kept,
    nor htmx's headers: the resumed view answers a whole page.
    """
    kept = json.loads(serialize_request(request))
    kept["META"] = {name: value for name, value in kept["META"].items() if not name.startswith(("HTTP_HX_", "HTTP_COOKIE"))}
    request.session[reauthentication.STATE_SESSION_KEY] = {"request": json.dumps(kept)}
    url = f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}"
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)  # type: ignore[attr-defined]


def signed_in_at(request: HttpRequest) -> float | None:
    """Seconds since the epoch of the last sign-in or repeated sign-in of this session."""
    records = login_flow.get_authentication_records(request, request.user)
    return max((record["at"] for record in records), default=None)


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session proved who it is within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds."""
    at = signed_in_at(request)
    return at is not None and time.time() - at < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


Description = tuple[str, list[str]]


def _unknown(permission: str) -> Description:
    return permission, []


_describe: Callable[[str], Description] = _unknown


def set_table(describe: Callable[[str], Description]) -> None:
    """Told by accounts, which owns the table: a permission's label and the roles that have it, in words."""
    global _describe
    _describe = describe


def describe(permission: str) -> Description:
    return _describe(permission)
