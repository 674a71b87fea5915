"""Who may enter which route: said by every route, and held by it."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts import roles
from tests.architecture.routes import Route, all_routes, named

# Open to anyone, each for a reason.
PUBLIC = {
    # How to get in, and out.
    "account_login", "account_logout", "account_inactive", "mfa_authenticate", "mfa_login_webauthn", "access_join", "access_first",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
    # The language of the sign-in page.
    "set_language",
    # What probes and load balancers ask.
    "health", "health_live", "health_ready", "api_status",
    # Jobs that run elsewhere: whoever knows a ping's address may call it.
    "ping",
    # What the payment providers send: each delivery is verified by its signature.
    "webhook_stripe", "webhook_mercadopago",
}  # fmt: skip
# Only answers 404 with nothing in it, and asks for a sign-in before that.
EMPTY = {"api-root"}
ROUTES = [route for route in all_routes() if route.name not in EMPTY]
GUARDED = [route for route in ROUTES if route.permission]
NOT_FOR_VIEWERS = [route for route in GUARDED if route.permission not in roles.permissions_of(roles.Role.VIEWER)]


def unguarded(routes: list[Route], public: set[str]) -> list[str]:
    """Routes that neither ask for a known permission, nor for an API key, nor stand in the list of public ones."""
    return [
        route.name
        for route in routes
        if not (roles.exists(route.permission) if route.permission else route.is_for_programs or (route.is_public and route.name in public))
    ]


def stale(routes: list[Route], public: set[str]) -> set[str]:
    """Entries of the list of public routes that are no public route any more."""
    return public - {route.name for route in routes if route.is_public}


def route(name: str, **marks: object) -> Route:
    return Route(name, SimpleNamespace(**marks))


def test_every_route_says_who_may_enter():
    assert unguarded(ROUTES, PUBLIC) == []
    assert stale(ROUTES, PUBLIC) == set()


def test_the_route_check_finds_a_planted_violation():
    open_door, typo = route("open_door"), route("typo", permission="beta.veiw")
    unlisted, fine = route("unlisted", is_public=True), route("fine", permission="beta.view")
    assert unguarded([open_door, typo, unlisted, fine], {"gone"}) == ["open_door", "typo", "unlisted"]
    assert stale([unlisted, fine], {"gone", "fine", "unlisted"}) == {"gone", "fine"}


@pytest.mark.parametrize("route", named([route for route in ROUTES if not route.is_public]))
def test_anonymous_must_sign_in(db, client, route):
    answer = client.get(route.url)
    if route.is_for_programs or route.name == "openapi":
        answer = (
            client.get(route.url)
            if route.name in {"status", "called_run", "support_api_message"}
            or (route.name.startswith(("billing_api_", "catalog_api_")) and not route.name.endswith(("_purchases", "_checkouts")))
            else client.generic("DELETE" if "give" in route.name else "POST", route.url, "{}", "application/json")
        )
        # OFREP wants a 401 without a body.
        wanted = None if route.name.startswith("ofrep") else "application/problem+json"
        assert (answer.status_code, answer.headers.get("Content-Type")) == (401, wanted)
    else:
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("route", named(NOT_FOR_VIEWERS))
def test_outsider_is_refused(signed_in, route, method):
    # Some say first that they take no GET at all.
    assert signed_in("viewer").generic(method, route.url).status_code in ((403,) if method == "POST" else (403, 405))


# The API's one route that takes a PUT has a test of its own.
@pytest.mark.parametrize(
    "route", named([route for route in ROUTES if not route.callback.__module__.startswith("allauth") and route.name != "catalog_api_profile"])
)
def test_wrong_method_is_refused(signed_in, route):
    assert signed_in("cto").put(route.url).status_code == 405


@pytest.mark.parametrize("route", named([route for route in GUARDED if not route.name.startswith(("mfa_", "account_"))]))
def test_a_form_without_its_token_is_refused(signed_in, route):
    assert signed_in("cto", enforce_csrf_checks=True).post(route.url).status_code in (403, 405)
