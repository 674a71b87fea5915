"""Over real HTTP, on two gunicorn processes: the official provider, the web provider's requests, and how soon a change arrives."""

import secrets
import time

import httpx
import pytest
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError, OpenFeatureError, TypeMismatchError
from openfeature.flag_evaluation import Reason

NAME = "ENABLE_PRICE_TRACKER"
WITHIN = 60
# What @openfeature/ofrep-web-provider 0.4 sends from Node's fetch, apart from Host and Content-Length.
WEB_HEADERS = {
    "Content-Type": "application/json; charset=utf-8", "Accept": "*/*", "Accept-Language": "*", "Sec-Fetch-Mode": "cors",
    "User-Agent": "node", "Accept-Encoding": "gzip, deflate",
}  # fmt: skip


@pytest.fixture(scope="module")
def key(shared_portal):
    return shared_portal.manage("create_api_client", f"flags {secrets.token_hex(4)}", "--scope", "flags").stdout.split()[-1]


@pytest.fixture
def sql(live_portal):
    with live_portal.connect(autocommit=True) as connection:
        yield connection
        connection.execute("UPDATE switches_switch SET is_on = true")
        connection.execute("UPDATE beta_programs SET stopped_at = NULL, stopped_by = ''")


@pytest.fixture
def provider(live_portal, key):
    return OFREPProvider(live_portal.url, headers_factory=lambda: {"Authorization": f"Bearer {key}"}, timeout=30)


def ask(portal, key, path=f"/{NAME}", body="{}", **headers):
    # A connection of its own each time: either process may get it.
    return httpx.post(f"{portal.url}/ofrep/v1/evaluate/flags{path}", content=body, headers={"X-API-Key": key, **headers}, timeout=30)


def until(condition):
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_official_provider_reads_a_switch(provider, sql):
    version = sql.execute("SELECT version FROM switches_switch WHERE name = %s", [NAME]).fetchone()[0]
    until(lambda: provider.resolve_boolean_details(NAME, False).value)
    found = provider.resolve_boolean_details(NAME, False, EvaluationContext("hh-1", {"plan": "free"}))
    assert (found.value, found.reason, found.variant, found.flag_metadata["version"]) == (True, Reason.STATIC, "on", version)


def test_official_provider_gets_a_value_for_off_and_not_its_default(provider, sql):
    sql.execute("UPDATE switches_switch SET is_on = false WHERE name = %s", [NAME])
    until(lambda: not provider.resolve_boolean_details(NAME, True).value)
    assert provider.resolve_boolean_details(NAME, True).variant == "off"


def test_official_provider_reads_the_stop(provider, sql):
    until(lambda: not provider.resolve_boolean_details("BETA_SIGNUPS_PAUSED", True).value)
    sql.execute("UPDATE beta_programs SET stopped_at = now(), stopped_by = 'tests'")
    until(lambda: provider.resolve_boolean_details("BETA_SIGNUPS_PAUSED", False).value)


def test_official_provider_is_told_of_its_mistakes(provider, live_portal):
    with pytest.raises(FlagNotFoundError, match="There is no such switch"):
        provider.resolve_boolean_details("ENABLE_NOTHING", True)
    with pytest.raises(TypeMismatchError):
        provider.resolve_string_details(NAME, "x")
    for header, word in (({}, "unauthorized"), ({"X-API-Key": "ops_a_b"}, "unauthorized")):
        stranger = OFREPProvider(live_portal.url, headers_factory=lambda header=header: header, timeout=30)
        with pytest.raises(OpenFeatureError, match=word):
            stranger.resolve_boolean_details(NAME, True)


def test_web_providers_requests(live_portal, key, sql):
    headers = {**WEB_HEADERS, "Authorization": f"Bearer {key}"}
    body = '{"context":{"targetingKey":"hh-1","plan":"free"}}'
    # What the test before has changed has reached both processes.
    until(lambda: len({ask(live_portal, key, "", body, **headers).headers["ETag"] for _ in range(20)}) == 1)
    first = ask(live_portal, key, "", body, **headers)
    flags = {flag["key"]: flag["value"] for flag in first.json()["flags"]}
    assert (first.status_code, first.headers["Content-Type"], NAME in flags) == (200, "application/json", True)
    # With an event stream it adds these two, and the ETag of before.
    query = "?flagConfigEtag=x&flagConfigLastModified=1763791200"
    again = ask(live_portal, key, query, "{}", **headers, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    sql.execute("UPDATE switches_switch SET is_on = false WHERE name = %s", [NAME])
    until(lambda: ask(live_portal, key, "", "{}", **headers, **{"If-None-Match": first.headers["ETag"]}).status_code == 200)


def test_a_change_reaches_both_processes_and_is_never_taken_back(live_portal, key, sql):
    until(lambda: all(ask(live_portal, key).json()["value"] for _ in range(10)))
    sql.execute("UPDATE switches_switch SET is_on = false WHERE name = %s", [NAME])
    version = sql.execute("SELECT version FROM switches_switch WHERE name = %s", [NAME]).fetchone()[0]
    until(lambda: all(not ask(live_portal, key).json()["value"] for _ in range(20)))
    after = [ask(live_portal, key).json() for _ in range(40)]
    assert {(answer["value"], answer["metadata"]["version"]) for answer in after} == {(False, version)}
    wanted = "SELECT version FROM switches_read WHERE switch = %s ORDER BY read_at DESC LIMIT 1"
    until(lambda: sql.execute(wanted, [NAME]).fetchone() == (version,))


def test_a_body_in_chunks_is_read(live_portal, key):
    url = f"{live_portal.url}/ofrep/v1/evaluate/flags/{NAME}"
    answer = httpx.post(url, content=iter([b'{"context"', b": 7}"]), headers={"X-API-Key": key}, timeout=30)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_CONTEXT")


@pytest.mark.parametrize("path", [f"/{NAME}", ""])
def test_a_body_in_chunks_that_is_too_large_is_413_in_ofreps_shape(live_portal, key, path):
    answer = ask(live_portal, key, path, iter([b'{"context": {"a": "', b"x" * 1_100_000, b'"}}']))
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/json")
    named = {"key": NAME} if path else {}
    assert answer.json() == named | {"errorCode": "PARSE_ERROR", "errorDetails": "The body is larger than 1 MB."}
