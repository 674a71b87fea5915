import json
from datetime import UTC, datetime

import pytest
from django.utils.translation import gettext_lazy

from opsportal.errors import Conflict, TooMany, Unavailable
from opsportal.problem import is_for_programs, problem, problem_of


def test_problem_has_the_members_of_rfc_9457_and_the_facts(rf):
    response = problem_of(
        rf.get("/api/beta/signups?x=1"), Conflict("Every seat is taken.", code="cap_reached", cap=100, at=datetime(2026, 11, 22, tzinfo=UTC))
    )
    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    assert json.loads(response.content) == {
        "type": "about:blank", "title": "Conflict", "status": 409, "detail": "Every seat is taken.", "code": "cap_reached", "instance": "/api/beta/signups", "cap": 100,
        "at": "2026-11-22T00:00:00Z",
    }  # fmt: skip


def test_problem_keeps_its_own_members_from_the_facts(rf):
    body = json.loads(problem(rf.get("/api/x"), 409, "conflict", "Taken.", title="mine", instance="/elsewhere", type="urn:mine").content)
    assert (body["title"], body["instance"], body["type"]) == ("Conflict", "/api/x", "about:blank")


def test_problem_of_a_lazy_text(rf):
    assert json.loads(problem_of(rf.get("/api/x"), Unavailable(gettext_lazy("Try again."))).content)["detail"] == "Try again."


def test_problem_is_kept_by_no_cache_and_says_when_to_come_back(rf):
    response = problem_of(rf.get("/api/x"), TooMany("Later.", retry_after=40))
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (429, "40", "no-store")
    assert "Retry-After" not in problem(rf.get("/api/x"), 429, "too_many")


def test_problem_for_who_is_not_signed_in_says_how_to(rf):
    assert problem(rf.get("/api/x"), 401, "unauthorized")["WWW-Authenticate"] == 'Bearer realm="ops"'
    assert "WWW-Authenticate" not in problem(rf.get("/api/x"), 403, "forbidden")


@pytest.mark.parametrize(
    ("path", "programs"),
    [
        ("/api", True), ("/api/beta/signups", True), ("/api/docs", False), ("/api/docs/", False), ("/api/docsy", True), ("/apis", False), ("/health", True),
        ("/health/live", True), ("/healthy", False), ("/metrics", True), ("/metricsx", False), ("/ofrep/v1/evaluate/flags", True), ("/ping/x", True), ("/ops/health", False),
        ("/", False), ("/ops/audit/", False),
    ],
)  # fmt: skip
def test_paths_for_programs(rf, path, programs):
    assert is_for_programs(rf.get(path)) is programs
