"""How programs say who they are: an API key as `Authorization: Bearer ops_…` or `X-API-Key: ops_…`."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.security import HttpBearer

from accounts.queries import Caller, authenticate_key
from opsportal.errors import Forbidden, Unauthenticated
from opsportal.problem import problem


class ApiKeyAuth(HttpBearer):
    """Lets in API clients with the scope, and puts the Caller on `request.api_client`.

    Raises Unauthenticated (401) for a key that is missing, unknown or revoked, Forbidden `missing_scope` (403) for one
    that may not do this. The API turns both into problem+json, as it does with every OpsError.
    """

    openapi_description = "An API key of the portal, also accepted in the header X-API-Key."

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller:
        return self.authenticate(request, raw_key(request))

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        caller = authenticate_key(token) if token else None
        if caller is None:
            raise Unauthenticated(_("This API key is unknown or revoked.") if token else _("Send an API key as “Authorization: Bearer …”."))
        if self.scope not in caller.scopes:
            detail = _("The API client “%(name)s” lacks the scope “%(scope)s”.") % {"name": caller.name, "scope": self.scope}
            raise Forbidden(detail, code="missing_scope", scope=self.scope)
        request.api_client = caller  # type: ignore[attr-defined]
        return caller


def raw_key(request: HttpRequest) -> str:
    """The key that came with the call, or an empty string."""
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        return str(token).strip()
    return str(request.META.get("HTTP_X_API_KEY", "")).strip()


# Pages about the API ask for a sign-in like any other page.
_FOR_PEOPLE = {"openapi-json", "openapi-view", "api-root"}


def routes(api: NinjaAPI) -> tuple[Any, str, str]:
    """`api.urls` for path(): its operations guard themselves by their `auth`, so the sign-in middleware leaves them alone."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        view: Any = pattern.callback
        if pattern.name not in _FOR_PEOPLE:  # type: ignore[union-attr, operator]
            pattern.callback = view = _with_problems(view)  # type: ignore[union-attr]
            view.login_required = False
            view.is_api = True
    return patterns, app_name, namespace


def _with_problems(view: Any) -> Any:
    """ninja's 405 is plain text; ours is a problem like every other error."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        refusal = problem(request, 405, "method_not_allowed", _("This address does not know the method %(method)s.") % {"method": request.method})
        refusal["Allow"] = response["Allow"]
        return refusal

    answered.csrf_exempt = True  # type: ignore[attr-defined]  # by API key, not by cookie
    return answered
