import json

import pytest

from health.models import Fault
from health.probing.expecting import Got, Step, check_statuses, fault_of, is_expected
from opsportal.errors import Invalid

URL = "https://shop.example/"
BODY = json.dumps({"status": "ok", "checks": [{"name": "db", "ms": 12, "up": True}], "none": None})


@pytest.mark.parametrize(
    ("typed", "plain"), [("200", "200"), (" 200 , 204 ", "200, 204"), ("200-299", "200-299"), ("301,200 - 204", "301, 200-204"), ("404-404", "404")]
)
def test_statuses_have_one_form(typed, plain):
    assert check_statuses(typed) == plain


@pytest.mark.parametrize("typed", ["", "ok", "20", "2000", "99", "600", "299-200", "200-", "-200", "200,,204", "200;204", "２００"])
def test_statuses_that_make_no_sense_are_refused(typed):
    with pytest.raises(Invalid) as refused:
        check_statuses(typed)
    assert refused.value.field == "statuses"


def test_a_status_is_expected_at_both_ends_of_a_range():
    assert [is_expected(status, "200-204, 301") for status in (199, 200, 204, 205, 301)] == [False, True, True, False, True]


def test_the_status_comes_first():
    wrong = fault_of(Step("GET", URL, contains="nothing of it"), Got(503, "down"))
    assert (wrong.fault, wrong.facts) == (Fault.STATUS, {"status": 503, "expected": "200-299"})


def test_a_text_that_is_missing_is_another_fault_where_the_body_was_cut():
    step = Step("GET", URL, contains="Oferta")
    assert fault_of(step, Got(200, "<h1>Oferta</h1>")) is None
    assert fault_of(step, Got(200, "<h1>oferta</h1>")).fault == Fault.TEXT
    assert fault_of(step, Got(200, "<h1>", is_whole=False)).fault == Fault.TEXT_CUT


@pytest.mark.parametrize(
    ("path", "value"), [("status", "ok"), ("status", ""), ("checks.0.ms", "12"), ("checks.0.up", "true"), ("none", "null"), ("checks.0", "")]
)
def test_a_json_value_as_expected(path, value):
    assert fault_of(Step("GET", URL, json_path=path, json_value=value), Got(200, BODY)) is None


@pytest.mark.parametrize(
    ("path", "value", "body", "fault"),
    [
        ("status", "up", BODY, Fault.JSON), ("checks.0.up", "True", BODY, Fault.JSON), ("checks.1", "", BODY, Fault.JSON_MISSING),
        ("checks.-1", "", BODY, Fault.JSON_MISSING), ("status.x", "", BODY, Fault.JSON_MISSING), ("status", "", "<html>", Fault.NOT_JSON),
        ("status", "", "[" * 100_000, Fault.NOT_JSON), ("a", "", "9" * 5000, Fault.NOT_JSON),
    ],
)  # fmt: skip
def test_a_json_value_that_is_not_as_expected(path, value, body, fault):
    assert fault_of(Step("GET", URL, json_path=path, json_value=value), Got(200, body)).fault == fault


def test_half_a_json_is_not_read():
    assert fault_of(Step("GET", URL, json_path="status"), Got(200, BODY, is_whole=False)).fault == Fault.TOO_LONG


def test_what_a_fact_quotes_can_be_stored():
    wrong = fault_of(Step("GET", URL, json_path="a", json_value="x"), Got(200, r'{"a": "b\u0000\ud800"}'))
    assert wrong.facts["value"] == "b\ufffd?"
