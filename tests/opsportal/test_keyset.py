from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditLog
from beta.models import Refusal
from opsportal.keyset import BadCursor, page_of

FIELDS = ("at", "id")
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
lists = st.lists(st.integers(0, 4), max_size=25)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fill(offsets: list[int]) -> list[int]:
    """Refusals so many microseconds after START; their ids in the order of the pages, newest first."""
    Refusal.objects.all().delete()
    made = Refusal.objects.bulk_create(Refusal(at=START + timedelta(microseconds=offset), code="x") for offset in offsets)
    return [one.pk for one in sorted(made, key=lambda one: (one.at, one.pk), reverse=True)]


def pages(size: int, cursor: str = "") -> list[tuple[list[int], str, str]]:
    """All pages from the cursor's one to the oldest."""
    found = []
    while True:
        page = page_of(Refusal.objects.all(), cursor, fields=FIELDS, size=size)
        found.append(([row.pk for row in page.rows], page.newer, page.older))
        if not page.older:
            return found
        cursor = page.older


@quick
@given(offsets=lists, size=st.integers(1, 7))
def test_going_older_gives_every_row_once_in_order(db, offsets, size):
    ids = fill(offsets)
    got = pages(size)
    assert [pk for rows, _newer, _older in got for pk in rows] == ids
    assert all(len(rows) == size for rows, _newer, _older in got[:-1])
    assert got[0][1] == ""


@quick
@given(offsets=lists, size=st.integers(1, 7))
def test_list_that_begins_with_the_oldest_gives_every_row_once_there_and_back(db, offsets, size):
    ids, cursor, there = fill(offsets)[::-1], "", []
    while True:
        page = page_of(Refusal.objects.all(), cursor, fields=FIELDS, size=size, oldest_first=True)
        there.append([row.pk for row in page.rows])
        if not page.newer:
            break
        cursor = page.newer
    assert [pk for rows in there for pk in rows] == ids
    back = [there[-1]]
    while page.older:
        page = page_of(Refusal.objects.all(), page.older, fields=FIELDS, size=size, oldest_first=True)
        back.append([row.pk for row in page.rows])
    assert back == there[::-1]


@quick
@given(offsets=lists, size=st.integers(1, 7))
def test_going_newer_again_gives_the_same_pages_and_ends_at_the_first(db, offsets, size):
    fill(offsets)
    there = [rows for rows, _newer, _older in pages(size)]
    cursor, back = pages(size)[-1][1], [there[-1]]
    while cursor:
        page = page_of(Refusal.objects.all(), cursor, fields=FIELDS, size=size)
        back.append([row.pk for row in page.rows])
        cursor = page.newer
    assert back == there[::-1]


@quick
@given(offsets=st.lists(st.integers(0, 4), min_size=5, max_size=20), new=st.lists(st.integers(5, 9), max_size=10))
def test_rows_that_come_in_meanwhile_move_no_page(db, offsets, new):
    ids = fill(offsets)
    first = page_of(Refusal.objects.all(), "", fields=FIELDS, size=3)
    Refusal.objects.bulk_create(Refusal(at=START + timedelta(microseconds=offset), code="x") for offset in new)
    second = page_of(Refusal.objects.all(), first.older, fields=FIELDS, size=3)
    assert [row.pk for row in second.rows] == ids[3:6]
    back = page_of(Refusal.objects.all(), second.newer, fields=FIELDS, size=3)
    assert [row.pk for row in back.rows] == ids[:3]
    assert bool(back.newer) == bool(new)


def test_the_first_page_is_full_again_when_rows_have_left(db):
    ids = fill(list(range(9)))
    second = page_of(Refusal.objects.all(), page_of(Refusal.objects.all(), "", fields=FIELDS, size=3).older, fields=FIELDS, size=3)
    Refusal.objects.filter(pk__in=ids[:2]).delete()
    back = page_of(Refusal.objects.all(), second.newer, fields=FIELDS, size=3)
    assert ([row.pk for row in back.rows], back.newer) == (ids[2:5], "")


def test_a_page_whose_rows_have_all_left_is_the_first(db):
    ids = fill(list(range(6)))
    older = page_of(Refusal.objects.all(), "", fields=FIELDS, size=3).older
    Refusal.objects.filter(pk__in=ids[3:]).delete()
    page = page_of(Refusal.objects.all(), older, fields=FIELDS, size=3)
    assert ([row.pk for row in page.rows], page.newer, page.older) == (ids[:3], "", "")


def test_an_empty_list_is_an_empty_page(db):
    page = page_of(Refusal.objects.all(), "", fields=FIELDS)
    assert (page.rows, page.newer, page.older) == ([], "", "")


def test_the_last_page_of_a_full_list_leads_no_further(db):
    fill([1, 2, 3])
    page = page_of(Refusal.objects.all(), "", fields=FIELDS, size=3)
    assert (len(page.rows), page.newer, page.older) == (3, "", "")


@pytest.mark.parametrize("cut", [0, 1, 5, -1])
def test_a_cursor_changed_in_one_character_is_refused(db, cut):
    fill([1, 2, 3])
    cursor = page_of(Refusal.objects.all(), "", fields=FIELDS, size=2).older
    place = cut % len(cursor)
    other = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
    with pytest.raises(BadCursor):
        page_of(Refusal.objects.all(), other, fields=FIELDS, size=2)


@quick
@given(cursor=st.text(min_size=1, max_size=40))
def test_any_other_text_is_refused(db, cursor):
    with pytest.raises(BadCursor):
        page_of(Refusal.objects.all(), cursor, fields=FIELDS)


def test_another_lists_cursor_is_refused(db):
    fill([1, 2, 3])
    cursor = page_of(Refusal.objects.all(), "", fields=FIELDS, size=2).older
    with pytest.raises(BadCursor):
        page_of(AuditLog.objects.all(), cursor, fields=("created_at", "id"))
    with pytest.raises(BadCursor):
        page_of(Refusal.objects.all(), signing.dumps(["older", ["2026-11-22", "1"]]), fields=FIELDS)


def test_a_page_deep_in_ties_starts_inside_the_index(db):
    fill([0] * 300)
    cursor = page_of(Refusal.objects.all(), "", fields=FIELDS, size=10).older
    queries: list[str] = []

    def note(execute, sql, params, many, context):
        queries.append(sql % tuple(f"'{param}'" for param in params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        page_of(Refusal.objects.all(), cursor, fields=FIELDS, size=10)
    assert ['("beta_refusals"."at", "beta_refusals"."id") < (' in query for query in queries] == [True]
