import json
from argparse import ArgumentParser
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from opsportal import clock
from opsportal.lines import State, find
from opsportal.sharing import Round, within
from opsportal.words import Words
from review.answering import ask_line
from review.models import Kind
from review.page import LineView, ReviewPage
from review.queries.review import page_of
from review.status import kind_at

FAILS, UNKNOWN = 1, 2


class Command(BaseCommand):
    help = (
        "Print the lines of a review as text, for when there is no browser. Today's are read now, and nothing is written; "
        "a signed review is printed as it was signed. "
        "Ends with 1 if a line fails that nobody has snoozed, else with 2 if one is unknown, else with 0."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", nargs="?", choices=Kind.values, help="without it, the review of the hour")
        parser.add_argument("--day", help="YYYY-MM-DD, of the team's zone; without it, today")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, day = options["kind"] or kind_at(clock.now()), _day(options["day"])
        page = page_of(kind, day)
        if page.begun is None and day != clock.today():
            raise CommandError(_("There is no such review: nobody began one on that day."))
        if not page.signed and day == clock.today():
            page = _read_now(page)
        self.stdout.write(_as_json(page) if options["json"] else _as_text(page))
        code = FAILS if page.open_fails else UNKNOWN if page.counts[State.UNKNOWN] else 0
        if code:
            raise SystemExit(code)


def _day(text: str | None) -> date:
    if text is None:
        return clock.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(_("“%(text)s” is no day like 2026-11-23.") % {"text": text}) from None


def _read_now(page: ReviewPage) -> ReviewPage:
    with within(Round()):
        return replace(page, lines=tuple(_line_now(line) for line in page.lines))


def _line_now(view: LineView) -> LineView:
    line = find(view.key)
    if line is None:
        return view
    reading = ask_line(line)
    answer = reading.answer
    return replace(view, answer=answer, state=answer.state, error=answer.detail if reading.error else Words(), pending=False)


def _as_text(page: ReviewPage) -> str:
    lines = [f"{Kind(page.kind).label}, {date_format(page.day)}: {page.standing.status.label}"]
    if page.signed:
        lines[0] += f" ({page.signed.by})"
    for group in page.groups:
        lines += ["", str(group.label)]
        for line in group.lines:
            snoozed = f" [{_('snoozed')}: {line.snooze.reason}]" if line.snooze else ""
            lines.append(f"  {line.state:<8} {line.question}: {line.figure} ({line.threshold}){snoozed}")
            if line.detail:
                lines.append(f"  {'':<8} {line.detail}")
    counts = ", ".join(f"{count} {state}" for state, count in page.counts.items())
    return "\n".join([*lines, "", counts])


def _as_json(page: ReviewPage) -> str:
    kept = {
        "kind": page.kind, "day": page.day.isoformat(), "status": str(page.standing.status), "counts": page.counts,
        "signed_by": page.signed.by if page.signed else None, "sign_reason": page.sign_reason, "lines": [_line_json(line) for line in page.lines],
    }  # fmt: skip
    return json.dumps(kept, ensure_ascii=False, indent=2)


def _line_json(line: LineView) -> dict[str, Any]:
    return {
        "key": line.key, "group": line.group, "question": str(line.question), "threshold": str(line.threshold), "state": str(line.state),
        "figure": line.figure.to_json(), "detail": str(line.detail), "snoozed_until": line.snooze.until.isoformat() if line.snooze else None,
    }  # fmt: skip
