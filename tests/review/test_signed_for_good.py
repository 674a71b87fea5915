import psycopg
import pytest
from django.db import DatabaseError, transaction

from review import actions
from review.models import Review, ReviewLine
from tests.review.conftest import answer

REFUSED = {
    "note": "UPDATE reviews SET note = 'other' WHERE kind = 'morning'",
    "signature taken back": "UPDATE reviews SET signed_at = NULL, snapshot = NULL WHERE kind = 'morning'",
    "snapshot": "UPDATE reviews SET snapshot = '{}' WHERE kind = 'morning'",
    "review deleted": "DELETE FROM reviews WHERE kind = 'morning'",
    "reviews truncated": "TRUNCATE reviews CASCADE",
    "line": "UPDATE review_lines SET note = 'other'",
    "line moved away": "UPDATE review_lines SET review_id = (SELECT id FROM reviews WHERE kind = 'evening')",
    "line deleted": "DELETE FROM review_lines",
    "line added": "INSERT INTO review_lines (review_id, key, answer) SELECT id, 'more', '{}' FROM reviews WHERE kind = 'morning'",
    "lines truncated": "TRUNCATE review_lines",
}


def sign(owner):
    review = actions.begin_review(actor=owner.actor, kind="morning")
    return actions.sign_review(actor=owner.actor, kind="morning", day=review.day)


@pytest.mark.parametrize("role", ["origin", "replica"])
def test_nothing_of_a_signed_review_changes_in_raw_sql(lines, connect, request, role):
    owner = request.getfixturevalue("owner")
    lines("speed")
    sign(owner)
    Review.objects.create(kind="evening", day="2026-03-10", begun_by="x", begun_by_id="1")
    kept = [list(model.objects.order_by("pk").values()) for model in (Review, ReviewLine)]
    sql = connect(autocommit=True)
    sql.execute(f"SET session_replication_role = {role}")
    for statement in REFUSED.values():
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.execute(statement)
    assert [list(model.objects.order_by("pk").values()) for model in (Review, ReviewLine)] == kept


def test_nothing_of_a_signed_review_changes_in_the_orm(owner, lines):
    lines("speed")
    review = sign(owner)
    with pytest.raises(DatabaseError, match="is signed"), transaction.atomic():
        review.delete()
    with pytest.raises(DatabaseError, match="is signed"), transaction.atomic():
        review.lines.update(note="other")


def test_what_is_not_signed_changes(owner, lines):
    lines("speed", answer)
    review = actions.begin_review(actor=owner.actor, kind="morning")
    review.lines.update(note="other")
    Review.objects.update(note="other")
    review.delete()
    assert (Review.objects.count(), ReviewLine.objects.count()) == (0, 0)


def test_a_line_waits_for_whoever_is_signing(lines, connect, request):
    owner = request.getfixturevalue("owner")
    lines("speed")
    review = actions.begin_review(actor=owner.actor, kind="morning")
    sql = connect()
    sql.execute("SET lock_timeout = '50ms'")
    with transaction.atomic():
        actions.sign_review(actor=owner.actor, kind="morning", day=review.day)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            sql.execute("UPDATE review_lines SET note = 'late'")
    sql.rollback()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute("UPDATE review_lines SET note = 'late'")
