"""Reading in chunks: a process that is lost takes nothing with it, and none of two writes over the other."""

from datetime import timedelta

import pytest
from django.utils import translation

from catalog import actions
from catalog.models import Import, ImportRow
from catalog.transfer import reading
from catalog.transfer.reading import read_import
from opsportal import clock
from tests.catalog.transfer.files import lines, now, uploaded
from tests.factories import make_import, make_product

CONTENT = b"name,brand\n" + b"".join(b"Tea %d,x\n" % number for number in range(5))


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 2)


def test_counts_rise_chunk_by_chunk(db, monkeypatch):
    job, seen = make_import(content=CONTENT), []
    advance = reading._advance
    monkeypatch.setattr(reading, "_advance", lambda job, **values: (advance(job, **values), seen.append((now(job).rows_read, now(job).rows_total))))
    assert read_import(job.pk) is True
    assert (seen, now(job).state, now(job).new) == ([(0, 5), (2, 5), (4, 5), (5, 5), (5, 5)], "ready", 5)


def test_what_a_lost_process_left_is_begun_anew(db, monkeypatch):
    job = make_import(content=CONTENT)
    monkeypatch.setattr(ImportRow.objects, "bulk_create", _failing_after(2, ImportRow.objects.bulk_create))
    with pytest.raises(KeyboardInterrupt):
        read_import(job.pk)
    assert (now(job).state, now(job).rows_read, job.rows.count()) == ("reading", 2, 2)
    monkeypatch.undo()
    assert read_import(job.pk) is False
    Import.objects.update(heartbeat_at=clock.now() - timedelta(seconds=121))
    assert (read_import(job.pk), now(job).state, now(job).new, job.rows.count()) == (True, "ready", 5, 5)


def _failing_after(chunks, create):
    left = iter(range(chunks - 1))

    def bulk_create(rows):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return create(rows)

    return bulk_create


def test_a_process_that_was_given_up_writes_nothing_more(db, monkeypatch):
    job = make_import(content=CONTENT)
    advance = reading._advance

    def given_to_somebody_else(job, **values):
        if values.get("rows_read") == 4:
            Import.objects.filter(pk=job.pk).update(heartbeat_at=clock.now())
        advance(job, **values)

    monkeypatch.setattr(reading, "_advance", given_to_somebody_else)
    assert (read_import(job.pk), now(job).state, now(job).rows_read, job.rows.count()) == (False, "reading", 2, 2)


def test_a_discarded_import_is_not_read_on(db, monkeypatch, owner):
    job = make_import(content=CONTENT)
    advance = reading._advance

    def discarded(job, **values):
        advance(job, **values)
        if values.get("rows_read") == 2:
            actions.discard_import(actor=owner.actor, import_id=job.pk)

    monkeypatch.setattr(reading, "_advance", discarded)
    assert (read_import(job.pk), now(job).state, job.rows.count()) == (False, "discarded", 0)


def test_a_file_that_ends_its_readers_is_given_up(db):
    job = make_import(content=CONTENT, asked={"tries": 3})
    assert read_import(job.pk) is False
    assert (now(job).state, now(job).error) == ("failed", "Reading it ended the process that did it, several times. Save the file anew, or split it.")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("name,brand\n", "Below its headings the file has no rows."),
        (
            "nom,brand\nTea,x\n",
            "The first row names columns that products don't have: nom. They have: id, gtin, name, brand, category, image_url, status.",
        ),
    ],
)
def test_a_file_that_can_not_be_taken_fails_with_its_reason(owner, content, error):
    job = uploaded(owner, "products", content)
    assert (job.state, job.error, lines(job)) == ("failed", error, [])


def test_the_workers_words_are_in_the_language_of_who_uploaded(owner, monkeypatch):
    with translation.override("pt-br"):
        job = actions.upload_import(actor=owner.actor, kind="products", name="a.csv", content=CONTENT)
    spoken = []
    open_table = reading.open_table
    monkeypatch.setattr(reading, "open_table", lambda *values: (spoken.append(translation.get_language()), open_table(*values))[1])
    read_import(job.pk)
    assert (spoken, translation.get_language()) == (["pt-br"], "en")


def test_duplicates_are_found_across_chunks(owner):
    make_product(name="Tea 0", brand="x")
    job = uploaded(owner, "products", "name,brand\n" + "Tea 0,x\n" * 3)
    why = "line 2 says something of the same already"
    assert lines(job) == [(2, "unchanged", ""), (3, "refused", why), (4, "refused", why)]
