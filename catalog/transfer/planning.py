"""A row of the file against the catalog as it is: what it would change, or why it can't. Each chunk asks the database a fixed number
of questions, however many rows it has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Import, ImportRow, Status
from catalog.transfer import cells
from opsportal.errors import Invalid

Values = dict[str, Any]
Effect = ImportRow.Effect


@dataclass(slots=True)
class Line:
    """A row: its number, its cells by column, and what they say of which thing it is about."""

    number: int
    cells: dict[str, Any]
    keys: Values = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a line does to the thing `target` (None: a new one). `owned`: what no other line of the file may claim as well."""

    target: Any
    before: Values | None
    after: Values | None
    label: str
    owned: tuple[tuple[str, Any], ...]


class Planner:
    """One for a file: it remembers which line claimed what."""

    def __init__(self, broken: dict[int, str]) -> None:
        self.broken = broken
        self.claimed: dict[tuple[str, Any], int] = {}

    def keys(self, line: Line) -> Values:
        """What the line is about. Raises Invalid."""
        raise NotImplementedError

    def look_up(self, lines: Sequence[Line]) -> None:
        """Fetch all that judge() needs to know of these lines."""
        raise NotImplementedError

    def judge(self, line: Line) -> Verdict:
        """Raises Invalid."""
        raise NotImplementedError

    def plan(self, lines: Sequence[Line], job: Import) -> list[ImportRow]:
        for line in lines:
            try:
                self._check_whole(line)
                line.keys = self.keys(line)
            except Invalid as error:
                line.problem = problem_of(error)
        self.look_up([line for line in lines if not line.problem])
        return [self._row(line, job) for line in lines]

    def _check_whole(self, line: Line) -> None:
        if place := self.broken.get(line.number):
            raise Invalid(
                _("the cell %(place)s is an error, or a formula without its value; open the file, save it, and upload it again") % {"place": place}
            )

    def _row(self, line: Line, job: Import) -> ImportRow:
        row = ImportRow(job=job, number=line.number, effect=Effect.REFUSED, problem=line.problem, label=named(line)[:200].replace("\x00", ""))
        if line.problem:
            return row
        try:
            verdict = self.judge(line)
            self._claim(line, verdict)
        except Invalid as error:
            row.problem = problem_of(error)
            return row
        row.label = verdict.label[:200]
        row.before, row.after = verdict.before, verdict.after
        if verdict.target is None:
            row.effect = Effect.NEW
        else:
            row.target_id, row.version = verdict.target.pk, verdict.target.version
            row.effect = Effect.CHANGED if verdict.after else Effect.UNCHANGED
        return row

    def _claim(self, line: Line, verdict: Verdict) -> None:
        for key in verdict.owned:
            if key in self.claimed:
                raise Invalid(_("line %(number)s says something of the same already") % {"number": self.claimed[key]})
        self.claimed.update(dict.fromkeys(verdict.owned, line.number))


def problem_of(error: Invalid) -> str:
    """As it stands beside the line: which column, and what is wrong with it."""
    text = str(error).removesuffix(".")
    return (f"{error.field}: {text}" if error.field else text)[:300]


def named(line: Line) -> str:
    """What people know a line by that is refused: the first of its own words."""
    return next((text for name in ("name", "title", "url", "gtin", "id") if (text := cells.as_text(line.cells.get(name)))), "")


def status_of(line: Line) -> Values:
    """{"status": …} where the line says one."""
    value = cells.choice(line.cells.get("status"), "status", Status.values)
    return {"status": value} if value else {}


def differences(target: Any, values: Values) -> tuple[Values, Values]:
    """Before and after of what differs. Spaces at the ends and in rows of a stored text make no difference."""
    changed = {name for name, value in values.items() if _as_compared(getattr(target, name)) != value}
    return {name: getattr(target, name) for name in values if name in changed}, {name: values[name] for name in values if name in changed}


def check_archived(target: Any, values: Values, changed: Values) -> None:
    """What is archived is not edited, only brought back. Raises Invalid."""
    if target.status == Status.ARCHIVED and values.get("status") != Status.ACTIVE and (changed or "status" not in values):
        raise Invalid(_("it is archived; a column “status” with “active” brings it back"))


def _as_compared(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value
