"""Small files as people make them, and what became of them."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from accounts.models import Person
from catalog import actions
from catalog.models import Import
from catalog.transfer.applying import carry_out
from catalog.transfer.reading import read_import

GTIN, OTHER_GTIN = "7891000315507", "7891000100103"


def xlsx(rows: Sequence[Sequence[Any]], **sheets: Sequence[Sequence[Any]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        for name, lines in {"sheet": rows, **sheets}.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                for place, value in enumerate(line):
                    if isinstance(value, str) and value.startswith("{="):
                        formula, _, cached = value[1:].partition("}")
                        sheet.write_formula(number, place, formula, value=cached)
                    elif hasattr(value, "year"):
                        sheet.write_datetime(number, place, value, book.add_format({"num_format": "dd/mm/yyyy"}))
                    else:
                        sheet.write(number, place, value)
    return file.getvalue()


def uploaded(person: Person, kind: str, content: str | bytes, name: str = "file.csv") -> Import:
    """Uploaded and read, as far as it can be."""
    job = actions.upload_import(actor=person.actor, kind=kind, name=name, content=content.encode() if isinstance(content, str) else content)
    read_import(job.pk)
    return now(job)


def applied(person: Person, kind: str, content: str | bytes, name: str = "file.csv") -> Import:
    return apply(person, uploaded(person, kind, content, name))


def apply(person: Person, job: Import, reason: str = "new prices") -> Import:
    actions.apply_import(actor=person.actor, import_id=job.pk, reason=reason)
    carry_out(job.pk)
    return now(job)


def undo(person: Person, job: Import, *, partly: bool = False) -> Import:
    actions.undo_import(actor=person.actor, import_id=job.pk, reason="wrong file", partly=partly)
    carry_out(job.pk)
    return now(job)


def now(job: Import) -> Import:
    return Import.objects.defer("content").get(pk=job.pk)


def lines(job: Import) -> list[tuple[int, str, str]]:
    """(line, effect, why refused)."""
    return list(job.rows.order_by("number").values_list("number", "effect", "problem"))


def changes(job: Import, number: int) -> tuple[Any, Any]:
    row = job.rows.get(number=number)
    return row.before, row.after
