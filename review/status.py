"""How a review of a day stands at a moment. Hours are the settings', in the team's zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from review.models import Kind, Review


class Status(TextChoices):
    LATER = "later", _("later")
    WAITING = "waiting", _("not yet due")
    DUE = "due", pgettext_lazy("a review", "due")
    LATE = "late", pgettext_lazy("a review", "late")
    BEGUN = "begun", pgettext_lazy("a review", "begun")
    SIGNED = "signed", _("signed")
    MISSED = "missed", _("missed")
    # A day outside the program that nobody reviewed: nothing was missed.
    NONE = "none", _("no review")


@dataclass(frozen=True, slots=True)
class Standing:
    """A review of a day at a moment.

    `at`: its hour. `by`: the hour by which it is done. `until`: the moment from which what was begun can't be signed any more.
    `is_late`: not signed, and `by` has come; also true of one that is begun. `can_begin`: today's, and nobody has. `is_open`: begun,
    and can still be worked on and signed.
    """

    kind: str
    day: date
    status: Status
    at: datetime
    by: datetime
    until: datetime
    is_late: bool
    can_begin: bool

    @property
    def is_open(self) -> bool:
        return self.status is Status.BEGUN

    @property
    def is_signed(self) -> bool:
        return self.status is Status.SIGNED

    @property
    def needs_a_person(self) -> bool:
        """Due, late, or begun and past its hour: somebody should do it now."""
        return self.status in (Status.DUE, Status.LATE, Status.BEGUN)


def hours(kind: str) -> tuple[time, time]:
    """From when a review is due, and by when it is done: of the team's day."""
    name = kind.upper()
    return getattr(settings, f"OPS_{name}_REVIEW_AT"), getattr(settings, f"OPS_{name}_REVIEW_BY")


def moment(day: date, hour: time) -> datetime:
    """An hour of a day in the team's zone."""
    return timezone.make_aware(datetime.combine(day, hour), timezone.get_default_timezone())


def day_at(now: datetime) -> date:
    """The team's day at a moment."""
    return timezone.localdate(now, timezone.get_default_timezone())


def standing_of(kind: str, day: date, review: Review | None, *, now: datetime, expected: bool = True) -> Standing:
    """Pure. `review`: its row, if somebody has begun it. `expected`: False for a day outside the program, where nothing is late or missed."""
    first, last = hours(kind)
    at, by, until = moment(day, first), moment(day, last), moment(day + timedelta(days=1), first)
    signed, begun, today = review is not None and review.is_signed, review is not None, day_at(now)
    if signed:
        status = Status.SIGNED
    elif begun and now < until:
        status = Status.BEGUN
    elif day < today:
        status = Status.MISSED if begun or expected else Status.NONE
    elif day > today:
        status = Status.LATER
    else:
        status = Status.WAITING if now < at else Status.LATE if expected and now >= by else Status.DUE
    is_late = expected and status in (Status.LATE, Status.BEGUN) and now >= by
    return Standing(kind, day, status, at, by, until, is_late, can_begin=not begun and day == today)


def kind_at(now: datetime) -> Kind:
    """The review of the hour: the morning's until the evening's hour comes."""
    return Kind.EVENING if now >= moment(day_at(now), hours(Kind.EVENING)[0]) else Kind.MORNING
