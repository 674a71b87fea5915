"""What programs pass on: once, whatever they send, and to nobody else."""

import json
import threading

import pytest
from django.db import connection
from django.test import Client

from accounts.actions import create_api_client
from audit.actors import Actor
from audit.models import AuditLog
from beta.actions import answer_message
from beta.models import SupportMessage
from tests.factories import make_household

PATH = "/api/support/messages"
BODY = {"body": "Wrong price.\r\nSee the coffee.", "channel": "whatsapp", "contact": "+55 11 91234-5678"}


def key_for(*scopes, name="product"):
    return create_api_client(actor=Actor.system("tests"), name=name, scopes=list(scopes)).raw


def post(key, body, idempotency_key="m-1", http=None):
    headers = {"Authorization": f"Bearer {key}"} | ({"Idempotency-Key": idempotency_key} if idempotency_key else {})
    data = body if isinstance(body, bytes) else json.dumps(body)
    return (http or Client()).post(PATH, data, content_type="application/json", headers=headers)


def get(key, path, **headers):
    return Client().get(path, headers={"Authorization": f"Bearer {key}"} | headers)


def problem(response):
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


@pytest.fixture
def key(db):
    return key_for("support")


def test_message_is_kept_once_and_answered_with_how_it_stands(key):
    first = post(key, BODY)
    kept = SupportMessage.objects.get()
    assert (first.status_code, first.json()["id"], first.json()["state"], first.json()["kind"]) == (201, str(kept.pk), "open", "question")
    assert (kept.body, kept.contact, kept.household, kept.waiting_since) == (
        "Wrong price.\nSee the coffee.",
        "+55 11 91234-5678",
        None,
        kept.received_at,
    )
    answer_message(actor=Actor.system("tests"), message_id=kept.pk, note="Corrected")
    again = post(key, BODY)
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (200, str(kept.pk), "answered")
    assert problem(post(key, BODY | {"body": "Another one"})) == (409, "message_mismatch")
    assert post(key, BODY, "m-2").status_code == 201
    assert post(key_for("support", name="another"), BODY).status_code == 201
    assert (SupportMessage.objects.count(), AuditLog.objects.filter(action_type="RECORD_SUPPORT_MESSAGE").count()) == (3, 3)


def test_the_audit_log_holds_nothing_that_the_user_wrote(key):
    post(key, BODY | {"subject": "Secret subject"})
    row = AuditLog.objects.get(action_type="RECORD_SUPPORT_MESSAGE")
    assert [word in f"{row.changes} {row.entity_label} {row.reason}" for word in ("Secret", "coffee", "91234")] == [False] * 3


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (BODY | {"body": ""}, 422, "invalid"),
        (BODY | {"body": " \n "}, 422, "invalid"),
        (BODY | {"body": "a\x00b"}, 422, "invalid"),
        (BODY | {"body": "\ud800"}, 422, "invalid"),
        (BODY | {"body": "x" * 10_001}, 422, "invalid"),
        (BODY | {"body": 7}, 422, "invalid"),
        (BODY | {"body": ["x"]}, 422, "invalid"),
        (BODY | {"channel": "pigeon"}, 422, "invalid"),
        (BODY | {"kind": "threat"}, 422, "invalid"),
        (BODY | {"contact": ""}, 422, "invalid"),
        (BODY | {"contact": "a\nb"}, 422, "invalid"),
        (BODY | {"subject": "x" * 201}, 422, "invalid"),
        (BODY | {"thread": None}, 422, "invalid"),
        (BODY | {"received_at": "2026-11-20T10:00:00"}, 422, "invalid"),
        (BODY | {"received_at": "2999-01-01T00:00:00Z"}, 422, "invalid"),
        (BODY | {"received_at": "2001-01-01T00:00:00Z"}, 422, "invalid"),
        (BODY | {"surprise": 1}, 422, "invalid"),
        (b"{", 400, "bad_request"),
        (b"", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"\xff\xfe", 400, "bad_request"),
        (b'{"body": "\xff", "channel": "app", "contact": "x"}', 400, "bad_request"),
        (b" " * 1_100_000, 413, "too_large"),
    ],
)
def test_bad_input_is_a_problem_and_keeps_nothing(key, body, status, code):
    assert problem(post(key, body)) == (status, code)
    assert (SupportMessage.objects.count(), AuditLog.objects.filter(action_type="RECORD_SUPPORT_MESSAGE").count()) == (0, 0)


@pytest.mark.parametrize("idempotency_key", ["", "x" * 201, "a\tb"])
def test_message_needs_a_key_of_its_own(key, idempotency_key):
    response = post(key, BODY, idempotency_key)
    assert problem(response) == (422, "invalid")
    assert [error["field"] for error in response.json()["errors"]] == ["header.Idempotency-Key"]


def test_key_and_scope_are_needed(db):
    assert problem(post("ops_nobody_nothing", BODY)) == (401, "unauthenticated")
    assert problem(post(key_for("signups"), BODY)) == (403, "missing_scope")


@pytest.mark.parametrize(
    ("said", "is_known"),
    [
        ({"household_key": "hh-a"}, True),
        ({"household_key": "hh-gone", "contact": ""}, False),
        ({"contact": "Casa@Example.com"}, True),
        ({"contact": "shared@example.com"}, False),
        ({"household_key": "hh-gone", "contact": "casa@example.com"}, True),
    ],
)
def test_household_is_found_by_its_key_or_an_address_that_is_its_alone(key, said, is_known):
    household = make_household(household_key="hh-a", email="casa@example.com")
    for _number in range(2):
        make_household(email="shared@example.com")
    response = post(key, BODY | said)
    assert (response.status_code, response.json()["household_id"]) == (201, str(household.pk) if is_known else None)


def test_message_of_an_answered_conversation_waits_as_open_again(key):
    household = make_household(household_key="hh-a")
    post(key, BODY | {"thread": "t-1", "household_key": "hh-a", "kind": "complaint"})
    answer_message(actor=Actor.system("tests"), message_id=SupportMessage.objects.get().pk, note="Corrected")
    again = post(key, BODY | {"thread": "t-1"}, "m-2").json()
    assert (again["state"], again["kind"], again["household_id"]) == ("reopened", "complaint", str(household.pk))
    other = post(key_for("support", name="another"), BODY | {"thread": "t-1"}).json()
    assert (other["state"], other["kind"], other["household_id"]) == ("open", "question", None)


def test_client_reads_its_own_messages_only(key):
    made = post(key, BODY).json()
    path = f"{PATH}/{made['id']}"
    found = get(key, path)
    assert (found.status_code, found.json()) == (200, made)
    assert get(key, path, **{"If-None-Match": found["ETag"]}).status_code == 304
    assert problem(get(key_for("support", name="another"), path)) == (404, "message_unknown")
    assert problem(get(key, f"{PATH}/00000000-0000-0000-0000-000000000000")) == (404, "message_unknown")
    assert problem(get(key, f"{PATH}/nonsense")) == (404, "not_found")


def test_the_same_key_twenty_times_at_once_is_one_message(transactional_db):
    key, answers, together = key_for("support"), [], threading.Barrier(20)

    def send():
        try:
            together.wait(60)
            answers.append(post(key, BODY).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [200] * 19 + [201]
    assert (SupportMessage.objects.count(), AuditLog.objects.filter(action_type="RECORD_SUPPORT_MESSAGE").count()) == (1, 1)
