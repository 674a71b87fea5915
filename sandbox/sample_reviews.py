"""The sample's reviews of four days, signed as they were done; who was on duty; and the figures in between, for their lines.

Mornings by Diego, evenings by Carla and Bruno; that of day 2 was missed, and today's morning waits for whoever looks at the sample. Each is
written as people would have left it and then frozen by the reviews' own functions, so it can't be changed any more than a real one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from audit.actors import Actor
from beta.queries import get_program
from catalog.queries.feed import ENOUGH
from jobs.review_lines import reasons_of
from opsportal.lines import Answer, answer_to_json, find, lines_of
from opsportal.words import Figure, Words, counted, moment, said
from review import entity
from review.action_types import ReviewAction
from review.answering import ask_line
from review.models import Call, Handover, Kind, Review, ReviewLine, Shift
from review.queries.review import page_of
from review.snapshot import freeze
from sandbox import sample_figures
from sandbox.calendar import TODAY, Calendar
from sandbox.diary import Diary
from sandbox.sample_beta import SEATED_PER_DAY
from sandbox.sample_figures import Cell
from sandbox.sample_jobs import SWITCHED, SWITCHED_OFF

SYSTEM = Actor.system("review")
HANDOVER = "Coffee prices come from the 2-pack page; I override them until the reader is fixed. Do not raise the batch size before that."


@dataclass(frozen=True, slots=True)
class Done:
    """A review: begun, signed, by whom; `notes` of its lines; `note` for the next; `reason`: why it was signed although something failed."""

    day: int
    kind: str
    begun: str
    signed: str
    by: str
    note: str = ""
    reason: str = ""
    notes: tuple[tuple[str, str], ...] = ()


REVIEWS = (
    Done(1, Kind.MORNING, "09:02", "09:14", "diego", "First day: eighteen households get their invite today."),
    Done(1, Kind.EVENING, "18:04", "18:21", "carla"),
    Done(2, Kind.MORNING, "09:05", "09:17", "diego"),
    Done(
        3, Kind.MORNING, "09:03", "09:31", "diego", "Two households filter nearly everything away. Carla writes to them.",
        notes=(
            ("feed-poor", "Both shop at one store only. Carla asks them whether a second one would do."),
            ("switches-off", "Ana is at it; the scores stay as they are until then."),
            ("beta-refusals", "Eleven unknown codes in forty seconds from one address, yesterday 15:20. Somebody guessed; nobody got in."),
        ),
    ),
    Done(3, Kind.EVENING, "18:10", "18:33", "bruno", "Ana turns anti-cilada on again tomorrow if the thresholds hold.",
         "The refund of chk_4RFND2 is an hour old; Carla looks at the plan in the morning."),
    Done(4, Kind.MORNING, "09:01", "09:26", "diego", reason="The plan of household 5 is known and harms nobody; Carla has written to them.",
         notes=(("price-tracker", "One worker was lost at night; the next run went on from there."),)),
    Done(4, Kind.EVENING, "18:06", "18:38", "carla", "Household 5 has its money back and still has Pro: billing takes the plan away tomorrow.",
         "Both mismatches are known: one refund, one payment that was too small. Nobody waits for a plan."),
)  # fmt: skip
# Who was on duty from when, until when: day, hour.
SHIFTS = (
    ("diego", (1, "08:55"), (1, "18:00")), ("carla", (1, "18:00"), (2, "08:50")), ("diego", (2, "08:50"), (3, "17:55")),
    ("bruno", (3, "17:55"), (4, "08:56")), ("diego", (4, "08:56"), (4, "17:58")), ("bruno", (4, "17:58"), None),
)  # fmt: skip
FIRST_NOTE = "Invites go out at ten. Whoever is refused gets the words from the runbook, not a second code."


def load(diary: Diary) -> None:
    """After everything else: the lines are asked what they say now, and the figures of before lead there."""
    now = {line.key: ask_line(line).answer for line in sample_figures.all_lines()}
    _duty(diary)
    for done in REVIEWS:
        _review(diary, done, now)
    _calls(diary)
    sample_figures.load(diary.calendar, now)


def _review(diary: Diary, done: Done, now: dict[str, Answer]) -> None:
    calendar, actor = diary.calendar, diary.people[done.by]
    begun, signed = calendar.at(done.day, done.begun), calendar.at(done.day, done.signed)
    review = Review.objects.create(
        kind=done.kind, day=calendar.day(done.day), begun_at=begun, begun_by=actor.label, begun_by_id=actor.id, note=done.note
    )
    diary.note(begun, actor, ReviewAction.BEGIN_REVIEW, **entity.of_review(review))
    lines = lines_of(done.kind)
    step = (signed - begun) / (len(lines) + 1)
    rows = [_row(diary, review, done, now[line.key], _Read(line.key, begun + step * (place + 1))) for place, line in enumerate(lines)]
    ReviewLine.objects.bulk_create(rows)
    for row in rows:
        _told(diary, review, row, actor)
    _sign(diary, review, done, signed, actor)


@dataclass(frozen=True, slots=True)
class _Read:
    key: str
    ticked_at: datetime


def _row(diary: Diary, review: Review, done: Done, now: Answer, read: _Read) -> ReviewLine:
    actor, at, cell = diary.people[done.by], read.ticked_at, sample_figures.cell(read.key, done.kind, done.day)
    evidence = tuple(link for link in now.evidence if not link.label.values)
    figure = Figure(cell.value, now.figure.unit, cell.of)
    answer = Answer(cell.state, figure, _detail(diary.calendar, read.key, done.day, cell), evidence)
    note = dict(done.notes).get(read.key, "")
    return ReviewLine(
        review=review, key=read.key, asked_at=review.begun_at, read_at=review.begun_at + timedelta(seconds=1), seconds=0.04, state=cell.state,
        answer=answer_to_json(answer), ticked_at=at, ticked_by=actor.label, note=note, noted_by=actor.label if note else "", noted_at=at if note else None,
    )  # fmt: skip


def _told(diary: Diary, review: Review, row: ReviewLine, actor: Actor) -> None:
    line = find(row.key)
    assert line is not None
    assert row.ticked_at is not None
    about: dict[str, Any] = {**entity.of_line(review, line)}
    if row.note:
        diary.note(row.ticked_at, actor, ReviewAction.NOTE_LINE, **about, changes={"note": ("", row.note)})
    diary.note(row.ticked_at, actor, ReviewAction.TICK_LINE, **about, changes={"ticked_by": ("", actor.label), "state": (row.state, row.state)})


def _sign(diary: Diary, review: Review, done: Done, signed: datetime, actor: Actor) -> None:
    page = page_of(review.kind, review.day)
    review.signed_at, review.signed_by, review.signed_by_id = signed, actor.label, actor.id
    review.sign_reason, review.counts, review.snapshot = done.reason, page.counts, freeze(page)
    review.save()
    if done.note:
        diary.note(signed, actor, ReviewAction.NOTE_REVIEW, **entity.of_review(review), changes={"note": ("", done.note)})
    changes = {"signed": (False, True), **{state: (None, count) for state, count in page.counts.items()}, "ticked": (None, page.ticked)}
    diary.note(signed, actor, ReviewAction.SIGN_REVIEW, **entity.of_review(review), reason=done.reason, changes=changes)


def _detail(calendar: Calendar, key: str, day: int, cell: Cell) -> Words:
    """In words that the lines use themselves; nothing where the figure says it all."""
    if cell.value == 0 and key in sample_figures.QUIET:
        return sample_figures.QUIET[key]
    seats = sum(SEATED_PER_DAY[: day - 1])
    match key:
        case "feed-poor":
            count = round((cell.value or 0) * seats / 100)
            words = ("%(count)s of %(of)s sees fewer than %(enough)s items.", "%(count)s of %(of)s see fewer than %(enough)s items.")
            return counted(*words, count, of=seats, enough=ENOUGH)
        case "beta-seats":
            return counted("%(count)s seat is free.", "%(count)s seats are free.", get_program().cap - int(cell.value or 0))
        case "jobs-slots":
            return reasons_of({"switch_off": int(cell.value or 0)})
        case "switches-off":
            why = "Scores look wrong for the shop that sells in euro; checking the thresholds first."
            at = moment(calendar.at(*SWITCHED_OFF[0]))
            return said("%(switch)s since %(at)s by %(who)s: %(reason)s", switch=SWITCHED, at=at, who="Ana Souza (CTO)", reason=why)
    return Words()


def _duty(diary: Diary) -> None:
    calendar, before = diary.calendar, ""
    for who, since, until in SHIFTS:
        actor, at = diary.people[who], calendar.at(*since)
        shift = Shift.objects.create(person_id=actor.id, person=actor.label, since=at, ended_at=calendar.at(*until) if until else None)
        taken = Handover.objects.filter(taken_at=None, written_at__lt=at).exclude(written_by_id=actor.id).update(taken_at=at, taken_by=actor.label)
        changes = {"on_duty": (before or None, actor.label), "notes_taken": (0, taken)}
        diary.note(at, actor, ReviewAction.TAKE_DUTY, entity_type="shift", entity_id=shift.pk, entity_label=actor.label, changes=changes)
        before = actor.label
        if len(Shift.objects.all()) == 1:
            _hand_over(diary, "diego", calendar.at(1, "17:40"), FIRST_NOTE)
    _hand_over(diary, "bruno", calendar.at(4, "18:42"), HANDOVER)


def _hand_over(diary: Diary, who: str, at: datetime, text: str) -> None:
    actor = diary.people[who]
    note = Handover.objects.create(text=text, written_at=at, written_by=actor.label, written_by_id=actor.id)
    diary.note(at, actor, ReviewAction.WRITE_HANDOVER, entity_type="handover", entity_id=note.pk, changes={"text": (None, text)})


def _calls(diary: Diary) -> None:
    """Reminders at the hours of the reviews, and the escalation of the one that nobody did."""
    told = [(day, kind, Call.What.REMINDER, hour) for day in range(1, TODAY) for kind, hour in ((Kind.MORNING, "09:00"), (Kind.EVENING, "18:00"))]
    for day, kind, what, hour in [*told, (2, Kind.EVENING, Call.What.ESCALATION, "19:00")]:
        at, is_reminder = diary.calendar.at(day, hour), what == Call.What.REMINDER
        shift = Shift.objects.filter(since__lt=at).latest("since")
        to = [shift.person.partition(" (")[0], *([] if is_reminder else ["Ana Souza", "push"])]
        call = Call.objects.create(kind=kind, day=diary.calendar.day(day), what=what, at=at, to=to)
        action = ReviewAction.REMIND_OF_REVIEW if is_reminder else ReviewAction.ESCALATE_REVIEW
        diary.note(at, SYSTEM, action, **entity.of_day(kind, call.day), changes={"to": (None, to)})
