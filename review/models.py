from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from opsportal.lines import EVENING, MORNING, State
from opsportal.words import Figure, Words

STATES = [(state.value, state.value) for state in State]
# A reading that has not come back after so long will not come any more: its process is gone.
LOST_AFTER = timedelta(seconds=30)


class Kind(models.TextChoices):
    MORNING = MORNING, _("Morning review")
    EVENING = EVENING, _("Evening review")


class Review(models.Model):
    """One review of one day of the team's zone. Made when somebody begins it; one that nobody began has no row and was missed.

    `snapshot` is what it froze when it was signed (review/snapshot.py); from then on nothing of it changes.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    day = models.DateField(_("day"))
    begun_at = models.DateTimeField(_("begun"), db_default=Now())
    begun_by = models.CharField(max_length=200)
    begun_by_id = models.CharField(max_length=100)
    # For whoever does the next one; not for one line.
    note = models.TextField(_("note for the next review"), blank=True, db_default="")
    signed_at = models.DateTimeField(_("signed"), null=True)
    signed_by = models.CharField(max_length=200, blank=True, db_default="")
    signed_by_id = models.CharField(max_length=100, blank=True, db_default="")
    # Why it was signed although something fails.
    sign_reason = models.TextField(_("reason"), blank=True, db_default="")
    # Of the snapshot's lines, for the calendar: {"ok": 9, "warn": 1, "fail": 0, "unknown": 0}.
    counts = models.JSONField(default=dict)
    snapshot = models.JSONField(null=True)

    class Meta:
        db_table = "reviews"
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(fields=["kind", "day"], name="review_once_a_day"),
            models.CheckConstraint(
                condition=Q(signed_at=None, snapshot=None) | Q(signed_at__isnull=False, snapshot__isnull=False), name="signed_is_frozen"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="review_kind_known"),
        ]
        indexes = [models.Index(F("day").desc(), "kind", name="review_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.day:%Y-%m-%d}"

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None


class ReviewLine(models.Model):
    """A line of one review: what was read of it, and what people did with it."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="lines")
    key = models.CharField(max_length=60)
    # The reading: asked for, and answered. An empty state: not yet answered.
    asked_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    state = models.CharField(max_length=10, choices=STATES, blank=True, db_default="")
    # opsportal.lines.answer_to_json
    answer = models.JSONField(default=dict)
    error = models.TextField(blank=True, db_default="")
    # People's part.
    ticked_at = models.DateTimeField(null=True)
    ticked_by = models.CharField(max_length=200, blank=True, db_default="")
    note = models.TextField(_("note"), blank=True, db_default="")
    noted_by = models.CharField(max_length=200, blank=True, db_default="")
    noted_at = models.DateTimeField(null=True)
    assignee_id = models.CharField(max_length=100, blank=True, db_default="")
    assignee = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "review_lines"
        constraints = [
            models.UniqueConstraint(fields=["review", "key"], name="review_line_once"),
            models.CheckConstraint(condition=Q(state__in=["", *(state.value for state in State)]), name="review_line_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.key}"

    @property
    def figure(self) -> Figure:
        return Figure.from_json(self.answer["figure"]) if self.answer else Figure()

    @property
    def detail(self) -> Words:
        return Words.from_json(self.answer["detail"]) if self.answer else Words()


class Snooze(models.Model):
    """A line that is known, and left alone until a moment, with a reason: it is shown, and doesn't count as open. One live one for a line."""

    key = models.CharField(max_length=60)
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(_("until"))
    reason = models.TextField(_("reason"))
    by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "review_snoozes"
        constraints = [models.UniqueConstraint(fields=["key"], condition=Q(ended_at=None), name="review_snooze_once")]


class Sample(models.Model):
    """A line's figure at a moment, taken by the job `review-figures`: for sparklines, trends and days without a review."""

    key = models.CharField(max_length=60)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=STATES)
    value = models.FloatField(null=True)
    # opsportal.words.Figure
    figure = models.JSONField(default=dict)

    class Meta:
        db_table = "review_samples"
        constraints = [models.UniqueConstraint(fields=["key", "at"], name="review_sample_once")]
        indexes = [models.Index("at", name="review_sample_age")]


class Call(models.Model):
    """A reminder or an escalation that went out for a review of a day: each once."""

    class What(models.TextChoices):
        REMINDER = "reminder", _("reminder")
        ESCALATION = "escalation", _("escalation")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    day = models.DateField()
    what = models.CharField(max_length=10, choices=What.choices)
    at = models.DateTimeField(db_default=Now())
    # Whom it went to: names of people or of destinations.
    to = models.JSONField(default=list)

    class Meta:
        db_table = "review_calls"
        constraints = [models.UniqueConstraint(fields=["kind", "day", "what"], name="review_call_once")]


class Shift(models.Model):
    """Who is on duty. One open row at most; taking duty ends the one before."""

    person_id = models.CharField(max_length=100)
    person = models.CharField(max_length=200)
    since = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shifts"
        constraints = [models.UniqueConstraint(models.Value(1), condition=Q(ended_at=None), name="one_on_duty")]
        indexes = [models.Index(F("since").desc(), name="shift_newest")]

    def __str__(self) -> str:
        return self.person


class Handover(models.Model):
    """A note for whoever takes duty next. Pinned on Today until another person takes it; kept for ever."""

    text = models.TextField(_("note"))
    written_at = models.DateTimeField(db_default=Now())
    written_by = models.CharField(max_length=200)
    written_by_id = models.CharField(max_length=100)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "handovers"
        indexes = [
            models.Index(F("written_at").desc(), F("id").desc(), name="handover_newest"),
            models.Index("written_at", condition=Q(taken_at=None), name="handover_pinned"),
        ]
