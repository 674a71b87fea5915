"""The form that is hashed: documented so that somebody else can make it, and the same whatever the session is set to."""

import json
from typing import Any

import pytest
from django.db import connection

from audit.hashing import CANONICAL, COLUMNS, ROW_FORM, digest_of, head_of, micros, row_hash
from audit.models import AuditLog, AuditSeal
from audit.ranges import ids_of, in_words, size_of, spans_of
from tests.audit.chains import sealed, write

pytestmark = pytest.mark.django_db
NASTY = 'quote " slash \\ / tab \t line \n bell \x07 del \x7f ção 🔒 \u2028 {"a": [1]}, "'


def canonical(row_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CANONICAL} FROM ops_audit_logs WHERE id = %s", [row_id])
        return str(cursor.fetchone()[0])


def by_hand(row: AuditLog) -> str:
    """The documented form without PostgreSQL's help; for changes of one key, as jsonb sorts keys its own way."""
    values: list[Any] = [ROW_FORM, row.pk, micros(row.created_at), row.transaction, row.actor_kind, row.actor_id, row.actor_label, row.action_type]
    values += [row.entity_type, row.entity_id, row.entity_label, row.reason, row.changes, row.request_id, row.ip and f"{row.ip}/32"]
    return json.dumps(values, ensure_ascii=False)


def test_every_column_is_hashed():
    assert list(COLUMNS) == [field.column for field in AuditLog._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'ops_audit_logs'")
        assert {name for (name,) in cursor.fetchall()} == set(COLUMNS)


@pytest.mark.parametrize("text", ["", "plain", NASTY])
def test_the_form_can_be_made_by_hand(text):
    (row_id,) = write(reason=text, entity_label=text, changes={"cap": (100, text), "é": (1.5, None)} if not text else {"cap": (True, [text, 2])})
    row = AuditLog.objects.get(pk=row_id)
    assert canonical(row_id) == by_hand(row)


def test_the_session_does_not_matter():
    (row_id,) = write(reason=NASTY, changes={"rate": (0.1, 1e20)})
    wanted = canonical(row_id)
    for setting in (
        "TimeZone = 'Asia/Tokyo'",
        "DateStyle = 'German, DMY'",
        "IntervalStyle = 'sql_standard'",
        "extra_float_digits = -15",
        "bytea_output = 'escape'",
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL {setting}")
        assert canonical(row_id) == wanted


def test_a_seal_says_what_the_form_says():
    ids, first = sealed(2)
    more, second = sealed(1)
    assert first.digest == digest_of([row_hash(canonical(one)) for one in ids])
    for seal, of, previous in ((first, ids, None), (second, more, first.head)):
        again = AuditSeal.objects.get(number=seal.number)
        assert (head_of(again), bytes(again.head), again.previous and bytes(again.previous)) == (seal.head, seal.head, previous)
        assert list(ids_of(again.members)) == of


@pytest.mark.parametrize(
    ("ids", "spans", "words"),
    [
        ([], (), ""),
        ([7], ((7, 7),), "7"),
        ([1, 2, 3, 5, 7, 8], ((1, 3), (5, 5), (7, 8)), "1–3, 5, 7–8"),
        ([-2, -1, 0, 2], ((-2, 0), (2, 2)), "-2–0, 2"),
    ],
)
def test_ids_as_ranges_and_back(ids, spans, words):
    assert (spans_of(ids), list(ids_of(spans)), size_of(spans), in_words(ids)) == (spans, ids, len(ids), words)


def test_many_runs_are_cut_in_words():
    assert in_words(range(0, 100, 2), most=3) == "0, 2, 4, …"
