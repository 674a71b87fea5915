"""OFREP, as its providers speak it."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from accounts.actions import revoke_api_key
from audit.actors import Actor
from audit.models import AuditLog
from beta.actions import resume_signups, stop_signups
from opsportal import clock
from switches import actions
from switches.models import Switch
from tests.switches.conftest import later, make_product, off

ANA = Actor.system("Ana")
NAME = "ENABLE_PRICE_TRACKER"
NOBODY = b""


def test_single_sends_all_five_and_only_scalars(product):
    switch = Switch.objects.get(pk=NAME)
    answer = product.post(NAME, '{"context": {"targetingKey": "hh-1", "plan": "free"}}')
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        "key": NAME, "value": True, "reason": "STATIC", "variant": "on",
        "metadata": {"forced_by_env": False, "version": switch.version, "changed_at": switch.since.isoformat()},
    }  # fmt: skip


def test_single_of_a_switch_that_is_off_still_sends_a_value(product):
    switch = off()
    answer = product.post(NAME).json()
    assert (answer["value"], answer["variant"], answer["reason"], answer["metadata"]["version"]) == (False, "off", "STATIC", switch.version)


def test_environment_forces_off_and_never_on(product, monkeypatch):
    off("ENABLE_JOBS")
    monkeypatch.setenv(NAME, "No")
    monkeypatch.setenv("ENABLE_JOBS", "true")
    later()
    assert (product.post(NAME).json()["value"], product.post(NAME).json()["metadata"]["forced_by_env"]) == (False, True)
    assert (product.value("ENABLE_JOBS"), product.post("ENABLE_JOBS").json()["metadata"]["forced_by_env"]) == (False, False)


def test_master_leaves_the_others_as_they_are(product):
    off("ENABLE_JOBS")
    assert (product.value("ENABLE_JOBS"), product.value(NAME)) == (False, True)


def test_signups_paused_is_true_after_stop_and_false_after_resume(product):
    assert product.post("BETA_SIGNUPS_PAUSED").json()["value"] is False
    program = stop_signups(actor=ANA, reason="105 households")
    later()
    stopped = product.post("BETA_SIGNUPS_PAUSED").json()
    assert (stopped["value"], stopped["variant"], stopped["metadata"]["version"]) == (True, "on", program.stop_version)
    program = resume_signups(actor=ANA, reason="fixed")
    later()
    resumed = product.post("BETA_SIGNUPS_PAUSED").json()
    assert (resumed["value"], resumed["metadata"]["version"]) == (False, program.version)


def test_bulk_has_every_switch_and_an_etag(product):
    answer = product.post()
    keys = [flag["key"] for flag in answer.json()["flags"]]
    assert (answer.status_code, keys[0], keys[-1], len(keys)) == (200, "ENABLE_JOBS", "BETA_SIGNUPS_PAUSED", Switch.objects.count() + 1)
    assert {flag["value"] for flag in answer.json()["flags"]} == {True, False}
    assert (answer["ETag"][0], answer["Cache-Control"]) == ('"', "no-cache")


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other", W/{}'])
def test_bulk_is_304_without_a_body_while_nothing_changes(product, form):
    etag = product.post()["ETag"]
    answer = product.post(None, "{}", **{"If-None-Match": form.format(etag)})
    assert (answer.status_code, answer.content, answer["ETag"], answer.has_header("Content-Type")) == (304, NOBODY, etag, False)


@pytest.mark.parametrize("known", ['"other"', "nonsense", "", '"'])
def test_bulk_is_200_for_another_etag(product, known):
    assert product.post(None, "{}", **{"If-None-Match": known}).status_code == 200


def test_etag_changes_with_every_change(product):
    seen = {product.post()["ETag"]}
    off()
    seen.add(product.post()["ETag"])
    actions.turn_on(actor=ANA, name=NAME, reason="fixed")
    later()
    seen.add(product.post()["ETag"])
    stop_signups(actor=ANA)
    later()
    seen.add(product.post()["ETag"])
    assert len(seen) == 4


def test_etag_stays_when_only_the_words_change(product):
    before = product.post()["ETag"]
    actions.describe_switch(actor=ANA, name=NAME, description="Prices.")
    later()
    assert product.post()["ETag"] == before


@pytest.mark.parametrize("path", ["/ofrep/v1/evaluate/flags", f"/ofrep/v1/evaluate/flags/{NAME}"])
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer ops_none_none"}, {"X-API-Key": "x"}, {"Authorization": "Basic YTpi"}, {"X-API-Key": "\xe9"}]
)
def test_without_a_live_key_it_is_401_without_a_body(db, path, headers):
    answer = Client().post(path, "{}", content_type="application/json", headers=headers)
    assert (answer.status_code, answer.content, answer["WWW-Authenticate"]) == (401, NOBODY, 'Bearer realm="ops"')


def test_a_key_without_the_scope_is_403_without_a_body(db):
    answer = make_product("signups").post(NAME)
    assert (answer.status_code, answer.content) == (403, NOBODY)


def test_the_key_may_come_in_either_header(product):
    key, product.key = product.key, ""
    assert product.post(NAME, "{}", **{"X-API-Key": key}).status_code == 200


def test_a_key_made_after_the_snapshot_works_at_once(product):
    product.post(NAME)
    assert make_product(name="another").post(NAME).status_code == 200


def test_a_revoked_key_stops_with_the_next_snapshot(product):
    assert product.post(NAME).status_code == 200
    revoke_api_key(actor=ANA, prefix=product.key.split("_")[1])
    later()
    assert product.post(NAME).status_code == 401


def test_unknown_switch_is_404(product):
    answer = product.post("ENABLE_NOTHING")
    assert (answer.status_code, answer.json()) == (
        404, {"key": "ENABLE_NOTHING", "errorCode": "FLAG_NOT_FOUND", "errorDetails": "There is no such switch."},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "PARSE_ERROR"),
        ("[" * 50_000, "PARSE_ERROR"),
        ("[]", "PARSE_ERROR"),
        ("null", "PARSE_ERROR"),
        ('"x"', "PARSE_ERROR"),
        ("9" * 5000, "PARSE_ERROR"),
        (b"\xff\xfe{}", "PARSE_ERROR"),
        ('{"context": null}', "INVALID_CONTEXT"),
        ('{"context": []}', "INVALID_CONTEXT"),
        ('{"context": "x"}', "INVALID_CONTEXT"),
        ('{"context": {"targetingKey": 7}}', "INVALID_CONTEXT"),
    ],
)
@pytest.mark.parametrize("flag", [NAME, None])
def test_a_bad_body_is_400_in_ofreps_shape(product, flag, body, code):
    answer = product.post(flag, body)
    found = answer.json()
    assert (answer.status_code, found["errorCode"], found.get("key")) == (400, code, flag)
    assert set(found) == {"errorCode", "errorDetails"} | ({"key"} if flag else set())


@pytest.mark.parametrize("body", ["", "{}", '{"context": {}}', '{"context": {"a": "\\ud800", "b": [1]}, "more": 1}'])
def test_a_body_that_says_little_is_fine(product, body):
    assert product.post(NAME, body).json()["value"] is True


def test_an_oversized_body_is_413(product, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = product.post(NAME, json.dumps({"context": {"a": "x" * 200}}))
    assert (answer.status_code, answer.json()["errorCode"]) == (413, "PARSE_ERROR")


@pytest.mark.parametrize("flag", ["%00", "a%2Fb", "%ED%A0%80", "x" * 3000, "enable_jobs", "'%20OR%201=1"])
def test_a_hostile_key_is_404(product, flag):
    assert product.post(flag).status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "options", "head"])
def test_another_method_is_405(product, method):
    answer = getattr(product.http, method)(f"/ofrep/v1/evaluate/flags/{NAME}")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_other_origins_are_told_nothing_by_default(product):
    answer = product.post(None, "{}", Origin="https://shop.example")
    assert (answer.status_code, answer.has_header("Access-Control-Allow-Origin")) == (200, False)


def test_named_origins_may_ask_and_read_the_etag(product, settings):
    settings.OPS_FLAG_ORIGINS = ["https://shop.example"]
    preflight = product.http.options("/ofrep/v1/evaluate/flags", headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"})
    assert (preflight.status_code, preflight["Access-Control-Allow-Origin"], preflight["Access-Control-Allow-Methods"]) == (
        204,
        "https://shop.example",
        "POST",
    )
    assert {"Authorization", "Content-Type", "If-None-Match"} <= set(preflight["Access-Control-Allow-Headers"].split(", "))
    answer = product.post(None, "{}", Origin="https://shop.example")
    assert (answer["Access-Control-Allow-Origin"], answer["Access-Control-Expose-Headers"], answer["Vary"]) == (
        "https://shop.example",
        "ETag",
        "Origin",
    )
    other = product.post(None, "{}", Origin="https://evil.example")
    assert other.has_header("Access-Control-Allow-Origin") is False


def test_whoever_reads_turns_on_what_is_due_as_the_system(product):
    off(until=clock.now() + timedelta(minutes=1))
    Switch.objects.filter(pk=NAME).update(off_until=clock.now() - timedelta(hours=1))
    later()
    assert product.value(NAME) is True
    row = AuditLog.objects.get(action_type="SWITCH_ON_AGAIN")
    assert (row.actor_kind, row.actor_label, row.ip, row.request_id, row.entity_id) == ("system", "switches", None, "", NAME)


def test_answers_from_a_snapshot_ask_the_database_nothing(product, django_assert_num_queries):
    product.post(NAME)
    with django_assert_num_queries(0):
        product.post(NAME)
        product.post()
