import pytest
from django.test import RequestFactory
from ninja import NinjaAPI

from accounts import actions
from accounts.api import ApiKeyAuth, raw_key, routes
from opsportal.errors import Forbidden, Unauthenticated
from opsportal.problem import problem_of


@pytest.fixture
def made(db, actor):
    return actions.create_api_client(actor=actor, name="product", scopes=["signups"])


def request(**headers):
    return RequestFactory().get("/api/x", headers=headers)


@pytest.mark.parametrize("name", ["bearer", "key"])
def test_a_key_comes_in_either_header(made, name):
    call = request(**({"Authorization": f"bearer {made.raw}"} if name == "bearer" else {"X-API-Key": made.raw}))
    assert ApiKeyAuth("signups")(call).name == "product"
    assert call.api_client.actor == made.client.actor


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer ops_x_y"}, {"Authorization": "Basic abc"}, {"X-API-Key": "nonsense"}, {"Authorization": "Bearer"}]
)
def test_no_key_or_an_unknown_one_is_401(db, headers):
    call = request(**headers)
    with pytest.raises(Unauthenticated) as refused:
        ApiKeyAuth("signups")(call)
    answer = problem_of(call, refused.value)
    assert (answer.status_code, answer["WWW-Authenticate"], answer["Content-Type"]) == (401, 'Bearer realm="ops"', "application/problem+json")
    assert not hasattr(call, "api_client")


def test_a_revoked_key_is_refused_at_once(made, actor):
    call = request(Authorization=f"Bearer {made.raw}")
    ApiKeyAuth("signups")(call)
    actions.revoke_api_key(actor=actor, prefix=made.key.prefix)
    with pytest.raises(Unauthenticated):
        ApiKeyAuth("signups")(call)


def test_a_missing_scope_is_named(made):
    with pytest.raises(Forbidden) as refused:
        ApiKeyAuth("flags")(request(Authorization=f"Bearer {made.raw}"))
    assert (refused.value.status, refused.value.code, refused.value.facts) == (403, "missing_scope", {"scope": "flags"})


def test_the_key_of_another_scheme_is_not_read():
    assert raw_key(request(Authorization="Basic ops_a_b")) == ""


def test_routes_leave_operations_to_their_own_guard_and_pages_to_sign_in():
    api = NinjaAPI(urls_namespace="t", auth=ApiKeyAuth("signups"))
    api.get("/x")(lambda request: None)
    marked = {pattern.name: getattr(pattern.callback, "login_required", True) for pattern in routes(api)[0]}
    assert marked == {"openapi-json": True, "openapi-view": True, "<lambda>": False, "api-root": True}
