import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.actors import Actor, ActorKind

SLUG = r"[a-z0-9_-]{1,100}"


class Kind(models.TextChoices):
    """What a call says."""

    SUCCESS = "success", pgettext_lazy("ping", "success")
    START = "start", pgettext_lazy("ping", "started")
    FAIL = "fail", pgettext_lazy("ping", "failure")
    LOG = "log", pgettext_lazy("ping", "log")


class Verdict(models.TextChoices):
    """What the calls so far have said; how it stands now, with the clock, is health.state's to tell."""

    NEW = "new", pgettext_lazy("ping", "new")
    UP = "up", pgettext_lazy("ping", "up")
    DOWN = "down", pgettext_lazy("ping", "down")


class Why(models.TextChoices):
    """Why a verdict was given. Its words are in health/words.py."""

    SUCCESS = "success"
    FAIL = "fail"
    LATE = "late"
    OVERRUN = "overrun"
    SCHEDULE = "schedule"
    RESUMED = "resumed"


class Ping(models.Model):
    """A sign of life that something elsewhere gives: by a period or a cron expression, with a grace time.

    `counted_from` is the last success, or the moment it was resumed: from there the next call is expected. `deadline` is when
    it goes down if nothing is heard; empty while nothing is due. Both moments are kept with every call and every change, so
    that the late ones are found by an index.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    # Not unique, as in the convention: an address that fits two of them is refused as ambiguous.
    slug = models.CharField(_("slug"), max_length=100, blank=True, db_index=True)
    description = models.CharField(_("what to do when it is down"), max_length=500, blank=True)
    every = models.DurationField(_("period"), null=True, blank=True)
    cron = models.CharField(_("cron expression"), max_length=100, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    grace = models.DurationField(_("grace time"), default=timedelta(hours=1))
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.CharField(max_length=200, editable=False)

    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by = models.CharField(max_length=200, blank=True, editable=False)
    pause_reason = models.CharField(max_length=500, blank=True, editable=False)

    verdict = models.CharField(max_length=4, choices=Verdict.choices, default=Verdict.NEW, editable=False)
    verdict_at = models.DateTimeField(null=True, editable=False)
    why = models.CharField(max_length=10, choices=Why.choices, blank=True, editable=False)
    exit_status = models.PositiveSmallIntegerField(null=True, editable=False)
    counted_from = models.DateTimeField(null=True, editable=False)
    expected_at = models.DateTimeField(null=True, editable=False)
    deadline = models.DateTimeField(null=True, editable=False)
    last_ping_at = models.DateTimeField(_("last ping"), null=True, editable=False)
    last_duration = models.DurationField(_("last duration"), null=True, editable=False)
    running_since = models.DateTimeField(null=True, editable=False)
    running_rid = models.UUIDField(null=True, editable=False)

    # How many calls ever came, how many of them in which minute, and how many were too many to keep.
    calls = models.BigIntegerField(default=0, editable=False)
    minute = models.DateTimeField(null=True, editable=False)
    minute_calls = models.PositiveIntegerField(default=0, editable=False)
    not_kept = models.BigIntegerField(default=0, editable=False)

    class Meta:
        db_table = "pings"
        verbose_name = _("ping")
        verbose_name_plural = _("pings")
        constraints = [
            models.CheckConstraint(condition=Q(every__isnull=False, cron="") | Q(every=None) & ~Q(cron=""), name="ping_has_one_schedule"),
            models.CheckConstraint(condition=Q(slug="") | Q(slug__regex=rf"^{SLUG}$"), name="ping_slug_is_plain"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="ping_verdict_known"),
            models.CheckConstraint(condition=Q(paused_at=None) | Q(deadline=None), name="paused_ping_is_not_due"),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="ping_newest"),
            models.Index("deadline", name="ping_due", condition=Q(deadline__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> str:
        """The zone of the cron expression: its own, or the team's."""
        return self.time_zone or settings.TIME_ZONE


class PingEvent(models.Model):
    """One call. `body` is the text that came with it, cut to its limit; `body_bytes` says how long it was where that is known."""

    ping = models.ForeignKey(Ping, models.CASCADE, related_name="events")
    created_at = models.DateTimeField()
    kind = models.CharField(max_length=7, choices=Kind.choices)
    exit_status = models.PositiveSmallIntegerField(null=True)
    rid = models.UUIDField(null=True)
    duration = models.DurationField(null=True)
    body = models.TextField(blank=True)
    body_bytes = models.BigIntegerField(null=True)
    is_cut = models.BooleanField(default=False)
    method = models.CharField(max_length=4)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "ping_events"
        indexes = [
            models.Index("ping", F("created_at").desc(), F("id").desc(), name="ping_event_newest"),
            models.Index("ping", "rid", name="ping_event_run", condition=Q(rid__isnull=False)),
            models.Index("created_at", name="ping_event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M:%S}"


class PingFlip(models.Model):
    """From one verdict to another. `at` is when it became so; `recorded_at`, when the portal wrote it down."""

    ping = models.ForeignKey(Ping, models.CASCADE, related_name="flips")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    before = models.CharField(max_length=4, choices=Verdict.choices)
    after = models.CharField(max_length=4, choices=Verdict.choices)
    why = models.CharField(max_length=10, choices=Why.choices)
    exit_status = models.PositiveSmallIntegerField(null=True)

    class Meta:
        db_table = "ping_flips"
        indexes = [
            models.Index("ping", F("at").desc(), F("id").desc(), name="ping_flip_newest"),
            models.Index("at", name="ping_flip_age"),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class PingKey(models.Model):
    """Stands before the slug in a ping's address, and may make new pings. Shown once; its SHA-256 is kept."""

    prefix = models.CharField(max_length=10, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.CharField(max_length=200)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        db_table = "ping_keys"

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.CLIENT, f"ping key {self.prefix}", str(_("ping key %(prefix)s…") % {"prefix": self.prefix}))
