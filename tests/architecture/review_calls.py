"""How to call each action of reviews."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine

from audit.actors import Actor
from beta.models import Program
from opsportal import clock
from opsportal.lines import lines_of
from review import actions
from review.models import Kind, Sample, Shift
from review.status import hours, moment
from tests.architecture.calling import Call, prepared
from tests.factories import make_person

SETUP = Actor.system("setup")


def begun() -> dict[str, Any]:
    review = actions.begin_review(actor=SETUP, kind=Kind.MORNING)
    return {"kind": review.kind, "day": review.day}


def line() -> dict[str, Any]:
    return begun() | {"key": lines_of(Kind.MORNING)[0].key}


def ticked() -> dict[str, Any]:
    values = line()
    actions.tick_line(actor=SETUP, **values)
    return values


def snooze() -> dict[str, Any]:
    return {"key": lines_of(Kind.MORNING)[0].key, "until": clock.now() + timedelta(hours=2), "reason": "known"}


def snoozed() -> Call:
    actions.snooze_line(actor=SETUP, **snooze())
    return prepared(actions.wake_line, key=lines_of(Kind.MORNING)[0].key)


def at_its_hour(action: Callable[..., Any], *, late: bool) -> Call:
    today = clock.today()
    Program.objects.update(starts_on=today)
    return time_machine.travel(moment(today, hours(Kind.MORNING)[late]))(prepared(action, kind=Kind.MORNING))


def old_sample() -> Call:
    Sample.objects.create(key="x", at=clock.now() - timedelta(days=91), state="ok")
    return prepared(actions.purge_samples)


def end_duty() -> Call:
    """Only whoever is on duty can end it: the one that the checks act as."""
    Shift.objects.create(person_id="architecture", person="architecture")
    return prepared(actions.end_duty)


REVIEW: dict[str, Callable[[], Call]] = {
    "review.assign_line": lambda: prepared(actions.assign_line, **line(), person_id=str(make_person().pk)),
    "review.begin_review": lambda: prepared(actions.begin_review, kind=Kind.MORNING),
    "review.end_duty": end_duty,
    "review.escalate_review": lambda: at_its_hour(actions.escalate_review, late=True),
    "review.note_line": lambda: prepared(actions.note_line, **line(), note="seen", seen=""),
    "review.note_review": lambda: prepared(actions.note_review, **begun(), note="quiet", seen=""),
    "review.purge_samples": old_sample,
    "review.remind_of_review": lambda: at_its_hour(actions.remind_of_review, late=False),
    "review.sign_review": lambda: prepared(actions.sign_review, **begun(), reason="known"),
    "review.snooze_line": lambda: prepared(actions.snooze_line, **snooze()),
    "review.take_duty": lambda: prepared(actions.take_duty),
    "review.tick_line": lambda: prepared(actions.tick_line, **line()),
    "review.untick_line": lambda: prepared(actions.untick_line, **ticked()),
    "review.wake_line": snoozed,
    "review.write_handover": lambda: prepared(actions.write_handover, text="Coffee is overridden."),
}
