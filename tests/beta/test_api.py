import json

import pytest
from django.test import Client

from accounts.actions import create_api_client
from audit.actors import Actor
from audit.models import AuditLog
from beta.actions import stop_signups
from beta.models import Household, Program, Refusal
from tests.factories import make_household, make_invite


def key_for(*scopes):
    return create_api_client(actor=Actor.system("tests"), name=f"product {scopes}", scopes=list(scopes)).raw


class Product:
    def __init__(self, key):
        self.http, self.auth = Client(), {"Authorization": f"Bearer {key}"} if key else {}

    def sign_up(self, idempotency_key="", **body):
        values = {"household_key": "hh-a", "email": "a@example.com", "invite_code": "LIVE"} | body
        return self.post({name: value for name, value in values.items() if value is not None}, idempotency_key)

    def post(self, body, idempotency_key=""):
        headers = self.auth | ({"Idempotency-Key": idempotency_key} if idempotency_key else {})
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.http.post("/api/beta/signups", data, content_type="application/json", headers=headers)

    def get(self, path, **headers):
        return self.http.get(path, headers=self.auth | headers)


@pytest.fixture
def product(db):
    make_invite(code="LIVE", max_uses=5)
    return Product(key_for("signups"))


def problem(response):
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail", "code", "instance"} <= set(body)
    assert body["status"] == response.status_code
    return response.status_code, body["code"]


def test_sign_up_answers_201_then_200(product):
    first = product.sign_up("k1", name="Casa A")
    assert (first.status_code, first.json()) == (201, {"household_id": str(Household.objects.get().pk), "seat": 1, "cap": 100, "seats_taken": 1})
    make_household()
    again = product.sign_up("k1", name="Casa A")
    assert (again.status_code, again.json()) == (200, first.json())
    assert problem(product.sign_up("k1", name="Casa B")) == (422, "idempotency_mismatch")


def test_invite_code_is_read_in_any_case(product):
    assert product.sign_up(invite_code="live").status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"invite_code": None}, 403, "invite_required"),
        ({"invite_code": "NONE"}, 403, "invite_unknown"),
        ({"email": "no address"}, 422, "invalid"),
        ({"household_key": ""}, 422, "invalid"),
        ({"household_key": None}, 422, "invalid"),
        ({"household_key": 7}, 422, "invalid"),
        ({"household_key": "a\x00b"}, 422, "invalid"),
        ({"household_key": "x" * 101}, 422, "invalid"),
        ({"name": "x" * 201}, 422, "invalid"),
    ],
)
def test_bad_sign_up_is_a_problem_and_seats_nobody(product, body, status, code):
    assert problem(product.sign_up(**body)) == (status, code)
    assert (Household.objects.count(), AuditLog.objects.filter(action_type="CLAIM_SEAT").count()) == (0, 0)


def test_invalid_field_is_named_as_people_know_it(product):
    assert [error["field"] for error in product.sign_up(email="no").json()["errors"]] == ["email"]


@pytest.mark.parametrize(("body", "status", "code"), [(b"{", 400, "bad_request"), (b"", 422, "invalid"), (b"[]", 422, "invalid"), (b"\xff\xfe", 400, "bad_request"), (b" " * 1_100_000, 413, "too_large")])  # fmt: skip
def test_body_that_is_no_json_is_a_problem(product, body, status, code):
    assert problem(product.post(body)) == (status, code)


def test_key_and_scope_are_needed(product):
    assert problem(Product("").sign_up()) == (401, "unauthenticated")
    assert problem(Product("ops_nobody_nothing").sign_up()) == (401, "unauthenticated")
    assert problem(Product(key_for("flags")).sign_up()) == (403, "missing_scope")
    assert Household.objects.count() == 0


def test_refusals_are_counted_with_who_asked(product):
    stop_signups(actor=Actor.system("tests"))
    assert problem(product.sign_up("k1")) == (423, "signups_stopped")
    found = Refusal.objects.get()
    assert (found.code, found.household_key, found.invite_code, found.client_label) == ("signups_stopped", "hh-a", "LIVE", "product ('signups',)")


def test_cap_reached_says_the_figures(product):
    Program.objects.update(cap=1)
    make_household()
    response = product.sign_up()
    assert problem(response) == (409, "cap_reached")
    assert (response.json()["cap"], response.json()["seats_taken"]) == (1, 1)


def test_delete_gives_the_seat_back_once(product):
    household_id = product.sign_up().json()["household_id"]
    path = f"/api/beta/signups/{household_id}"
    assert product.http.delete(path, headers=product.auth).status_code == 204
    assert problem(product.http.delete(path, headers=product.auth)) == (409, "no_seat")
    assert problem(product.http.delete("/api/beta/signups/00000000-0000-0000-0000-000000000000", headers=product.auth)) == (404, "household_unknown")
    assert problem(product.http.delete("/api/beta/signups/nonsense", headers=product.auth)) == (404, "not_found")
    assert AuditLog.objects.filter(action_type="RELEASE_SEAT").count() == 1


def test_status_has_an_etag_that_moves_with_every_change(product):
    first = product.get("/api/beta/status")
    assert first.json() == {"open": True, "stopped": False, "cap": 100, "seats_taken": 0, "day": None, "version": 0}
    same = product.get("/api/beta/status", **{"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert product.get("/api/beta/status", **{"If-None-Match": f"W/{first['ETag']}"}).status_code == 304
    stop_signups(actor=Actor.system("tests"))
    changed = product.get("/api/beta/status", **{"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed.json()["open"], changed.json()["stopped"]) == (200, False, True)


def test_wrong_method_and_unknown_route_are_problems(product):
    assert problem(product.get("/api/beta/signups")) == (405, "method_not_allowed")
    assert problem(product.get("/api/beta/nothing")) == (404, "not_found")


def test_sign_up_needs_few_statements(product, django_assert_max_num_queries):
    product.sign_up(household_key="warm", email="w@example.com")  # notes the key's use, once a minute
    with django_assert_max_num_queries(8):
        assert product.sign_up("k").status_code == 201


def test_openapi_documents_every_answer(client, viewer):
    client.force_login(viewer)
    schema = client.get("/api/openapi.json").json()
    answers = schema["paths"]["/api/beta/signups"]["post"]["responses"]
    assert sorted(answers) == ["200", "201", "400", "401", "403", "409", "413", "422", "423", "503"]
    page = client.get("/api/docs")
    assert (page.status_code, b"POST /api/beta/signups" in page.content) == (200, True)
