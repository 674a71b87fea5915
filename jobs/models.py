from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.actors import Actor, ActorKind
from jobs.schedule import Daily, Every
from jobs.schedule import Schedule as Times


class Schedule(models.Model):
    """When a job is due. A row for every registered job, made by itself; people edit it."""

    job = models.CharField(_("job"), max_length=50, primary_key=True)
    every_seconds = models.PositiveIntegerField(_("every"), null=True)
    # On the clock of the team's zone.
    daily_at = models.TimeField(_("daily at"), null=True)
    min_interval = models.PositiveIntegerField(_("at least so many seconds between two runs"))
    # Slots after this moment are still to be made.
    slots_until = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "jobs_schedule"
        constraints = [
            models.CheckConstraint(condition=Q(every_seconds__gte=1, daily_at=None) | Q(every_seconds=None, daily_at__isnull=False), name="jobs_schedule_one_kind"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.job

    @property
    def times(self) -> Times:
        return Daily(self.daily_at) if self.daily_at is not None else Every(self.every_seconds or 1)


class Lease(models.Model):
    """Who may write for a job now, and how far the job has come. Beside Schedule, so that an editor never waits for a batch.

    `token` grows with every taking: a worker that lost its lease holds an old one, and each of its batches checks it.
    """

    schedule = models.OneToOneField(Schedule, models.PROTECT, primary_key=True, db_column="job", related_name="lease")
    token = models.BigIntegerField(db_default=0)
    until = models.DateTimeField(null=True)
    run = models.OneToOneField("Run", models.PROTECT, null=True, related_name="lease")
    cursor = models.JSONField(null=True)
    # How far the run has come that goes on: at its end they go into its own row, which no batch locks, so that anybody may stop it.
    heartbeat_at = models.DateTimeField(null=True)
    batches = models.PositiveIntegerField(db_default=0)
    items = models.PositiveIntegerField(db_default=0)
    failed_items = models.PositiveIntegerField(db_default=0)
    # The moment from which the minimum interval counts.
    ran_at = models.DateTimeField(null=True)
    # Failures in a row, counted since the switch was at this version: whoever turns it on again begins with none.
    failures = models.PositiveIntegerField(db_default=0)
    failures_version = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "jobs_lease"


class State(models.TextChoices):
    QUEUED = "queued", _("waiting for a worker")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    STOPPED = "stopped", _("stopped early")
    FAILED = "failed", _("failed")
    INTERRUPTED = "interrupted", _("interrupted")
    REFUSED = "refused", _("did not run")


class Trigger(models.TextChoices):
    SCHEDULE = "schedule", _("the schedule")
    PERSON = "person", pgettext_lazy("what started a run", "a person")
    API = "api", _("a call")
    COMMAND = "command", _("a command")


ACTIVE = (State.QUEUED, State.RUNNING)


class Run(models.Model):
    """One run of a job. `ended_because` and `error` say how it ended; docs/operations.md explains each code."""

    job = models.CharField(_("job"), max_length=50, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    trigger = models.CharField(_("started by"), max_length=10, choices=Trigger.choices)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices, default=ActorKind.SYSTEM)
    actor_id = models.CharField(max_length=100, blank=True, db_default="")
    actor_label = models.CharField(max_length=200, blank=True, db_default="")
    # Whose failed items are done again.
    again = models.ForeignKey("self", models.PROTECT, null=True, related_name="reruns")
    due_at = models.DateTimeField(_("due"), null=True)
    created_at = models.DateTimeField(_("asked for"), db_default=Now())
    # When Celery was last told. A run that still waits is told of again.
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    worker = models.CharField(_("worker"), max_length=200, blank=True, db_default="")
    token = models.BigIntegerField(_("fencing token"), null=True)
    batches = models.PositiveIntegerField(_("batches"), db_default=0)
    items = models.PositiveIntegerField(_("items"), db_default=0)
    failed_items = models.PositiveIntegerField(_("failed items"), db_default=0)
    cursor_before = models.JSONField(_("cursor before"), null=True)
    cursor_after = models.JSONField(_("cursor after"), null=True)
    ended_because = models.CharField(_("ended because"), max_length=20, blank=True, db_default="")
    error = models.TextField(_("error"), blank=True, db_default="")
    stop_asked_at = models.DateTimeField(null=True)
    stop_asked_by = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "jobs_run"
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["job"], condition=Q(state__in=ACTIVE), name="jobs_run_one_active"),
        ]
        indexes = [
            models.Index("job", "id", name="jobs_run_newest"),
            models.Index("created_at", name="jobs_run_age"),
        ]

    def __str__(self) -> str:
        return f"{self.job} #{self.pk}"

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind(self.actor_kind), self.actor_id, self.actor_label)

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    def follow(self) -> "Run":
        """With the figures of this moment: while it goes on they stand in its lease's row, for which the caller has asked along."""
        if lease := getattr(self, "lease", None):
            self.heartbeat_at, self.cursor_after = lease.heartbeat_at, lease.cursor
            self.batches, self.items, self.failed_items = lease.batches, lease.items, lease.failed_items
        return self

    @property
    def duration(self) -> timedelta | None:
        """From its start to its end, or to its last sign of life."""
        end = self.ended_at or self.heartbeat_at
        return end - self.started_at if self.started_at and end else None


class Slot(models.Model):
    """A time at which a job was due: it became a run, or `reason` says why not. One for each (job, due_at), however many ticks."""

    job = models.CharField(_("job"), max_length=50)
    due_at = models.DateTimeField(_("due"))
    made_at = models.DateTimeField(db_default=Now())
    run = models.OneToOneField(Run, models.PROTECT, null=True, related_name="slot")
    reason = models.CharField(_("did not run because"), max_length=20, blank=True, db_default="")
    # When the reason ends, as far as that is known.
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "jobs_slot"
        ordering = ["-due_at"]
        constraints = [models.UniqueConstraint(fields=["job", "due_at"], name="jobs_slot_once")]
        indexes = [models.Index("due_at", name="jobs_slot_age")]

    def __str__(self) -> str:
        return f"{self.job} {self.due_at:%Y-%m-%d %H:%M}"


class RunBatch(models.Model):
    """A batch that was committed."""

    pk = models.CompositePrimaryKey("run_id", "number")
    # Without a constraint in the database: checking it costs a batch more than writing the row, and the engine writes no other.
    run = models.ForeignKey(Run, models.CASCADE, related_name="done_batches", db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    ended_at = models.DateTimeField(db_default=Now())
    # None: it was over so soon that nobody measured it (jobs/engine/batch.py).
    seconds = models.FloatField(null=True)
    items = models.PositiveIntegerField()
    failed_items = models.PositiveIntegerField()
    cursor = models.JSONField(null=True)
    # What the job said meanwhile: a list of lines.
    lines = models.JSONField(default=list)

    class Meta:
        db_table = "jobs_run_batch"
        ordering = ["number"]


class ItemState(models.TextChoices):
    WAITING = "waiting", _("will be tried again")
    GIVEN_UP = "given_up", _("needs a person")
    SETTLED = "settled", _("done since")


class FailedItem(models.Model):
    """An item that failed, with its last error. It is tried again with the next runs, five times in all; then it waits for a person."""

    job = models.CharField(_("job"), max_length=50)
    key = models.CharField(_("item"), max_length=200)
    # The run in which it failed last.
    run = models.ForeignKey(Run, models.PROTECT, related_name="listed_items")
    state = models.CharField(_("state"), max_length=10, choices=ItemState.choices, default=ItemState.WAITING)
    error = models.TextField(_("error"))
    attempts = models.PositiveIntegerField(_("attempts"), db_default=1)
    first_failed_at = models.DateTimeField(_("first failed"), db_default=Now())
    last_failed_at = models.DateTimeField(_("last failed"), db_default=Now())
    next_try_at = models.DateTimeField(_("next attempt"), null=True)

    class Meta:
        db_table = "jobs_failed_item"
        verbose_name = _("failed item")
        verbose_name_plural = _("failed items")
        ordering = ["-last_failed_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="jobs_failed_item_once")]
        indexes = [
            models.Index("job", "next_try_at", name="jobs_failed_item_due", condition=Q(state="waiting")),
            models.Index("run", name="jobs_failed_item_run"),
            models.Index("job", "last_failed_at", "id", name="jobs_failed_item_newest"),
            models.Index("job", "state", name="jobs_failed_item_open", condition=~Q(state="settled")),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.key}"


class CronSecretUse(models.Model):
    """When a cron secret last let somebody in, so that the previous one is taken away only when nobody sends it any more."""

    # The beginning of its SHA-256; the secret itself stands in the environment only.
    fingerprint = models.CharField(max_length=16, primary_key=True)
    used_at = models.DateTimeField()
    used_from = models.GenericIPAddressField(null=True)

    class Meta:
        db_table = "jobs_cron_secret_use"
