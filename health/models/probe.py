from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MOST_STEPS = 10


class Standing(models.TextChoices):
    """What the results so far have said. One failure is not down: it is failing until as many in a row as the probe says."""

    NEW = "new", pgettext_lazy("probe", "new")
    UP = "up", pgettext_lazy("probe", "up")
    FAILING = "failing", pgettext_lazy("probe", "failing")
    DOWN = "down", pgettext_lazy("probe", "down")


class Fault(models.TextChoices):
    """Why a look failed. Its words, with the facts, are in health/probe_words.py."""

    STATUS = "status"
    TEXT = "text"
    TEXT_CUT = "text_cut"
    JSON = "json"
    JSON_MISSING = "json_missing"
    NOT_JSON = "not_json"
    TOO_LONG = "too_long"
    TOO_SLOW = "too_slow"
    UNREACHABLE = "unreachable"
    NO_NAME = "no_name"
    REFUSED = "refused"
    REDIRECTS = "redirects"
    SEALED = "sealed"


class Probe(models.Model):
    """Looks at an address, or at several in order, every so many minutes.

    `due_at` is when it looks next; empty while it is paused. `turn` moves with every result and every change: what was found
    under an earlier turn is not written.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.CharField(_("what to do when it is down"), max_length=500, blank=True)
    every_minutes = models.PositiveSmallIntegerField(_("every so many minutes"), default=5)
    # Seconds: for all steps together, to the last byte that is wanted.
    time_limit = models.PositiveSmallIntegerField(_("time limit"), default=10)
    good_ms = models.PositiveIntegerField(_("good load time"), default=2000)
    down_after = models.PositiveSmallIntegerField(_("down after so many failures in a row"), default=2)
    watches_feed = models.BooleanField(_("watches the product's feed"), default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.CharField(max_length=200, editable=False)

    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by = models.CharField(max_length=200, blank=True, editable=False)
    pause_reason = models.CharField(max_length=500, blank=True, editable=False)

    state = models.CharField(max_length=7, choices=Standing.choices, default=Standing.NEW, editable=False)
    state_at = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    turn = models.BigIntegerField(default=0, editable=False)
    # The last result, so that lists need no second look.
    last_at = models.DateTimeField(null=True, editable=False)
    last_ok = models.BooleanField(null=True, editable=False)
    last_ms = models.PositiveIntegerField(null=True, editable=False)
    last_fault = models.CharField(max_length=20, choices=Fault.choices, blank=True, editable=False)
    last_facts = models.JSONField(default=dict, editable=False)

    class Meta:
        db_table = "probes"
        verbose_name = _("probe")
        verbose_name_plural = _("probes")
        constraints = [
            models.UniqueConstraint(fields=["watches_feed"], condition=Q(watches_feed=True), name="one_probe_watches_the_feed"),
            models.CheckConstraint(condition=Q(every_minutes__range=(1, 1440)), name="probe_every_minute_to_daily"),
            models.CheckConstraint(condition=Q(time_limit__range=(1, 30)), name="probe_time_limit_in_bounds"),
            models.CheckConstraint(condition=Q(down_after__range=(1, 10)), name="probe_down_after_in_bounds"),
            models.CheckConstraint(condition=Q(state__in=Standing.values), name="probe_state_known"),
            models.CheckConstraint(condition=Q(paused_at=None) ^ Q(due_at=None), name="probe_is_due_or_paused"),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="probe_newest"),
            models.Index("due_at", name="probe_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def every(self) -> timedelta:
        return timedelta(minutes=self.every_minutes)


class ProbeStep(models.Model):
    """One request and what is expected of its answer. The values of headers are sealed; their names stand beside."""

    class Method(models.TextChoices):
        GET = "GET"
        HEAD = "HEAD"
        POST = "POST"

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    method = models.CharField(_("method"), max_length=4, choices=Method.choices, default=Method.GET)
    url = models.CharField(_("address"), max_length=2000)
    header_names = models.JSONField(default=list)
    headers = models.TextField(blank=True)
    statuses = models.CharField(_("expected status"), max_length=100, default="200-299")
    contains = models.CharField(_("expected text"), max_length=500, blank=True)
    json_path = models.CharField(_("JSON path"), max_length=200, blank=True)
    json_value = models.CharField(_("JSON value"), max_length=500, blank=True)

    class Meta:
        db_table = "probe_steps"
        constraints = [
            models.UniqueConstraint(fields=["probe", "position"], name="one_probe_step_per_position"),
            models.CheckConstraint(condition=Q(position__range=(1, MOST_STEPS)), name="probe_step_position_in_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


class ProbeResult(models.Model):
    """One look. `ms` is the time of all its steps, `first_ms` until the first step's answer began. `step` is where it ended.

    `excerpt`: of a failure, the beginning of the answer, with secrets masked. `asked_by`: empty for one by schedule.
    """

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="results")
    at = models.DateTimeField()
    ok = models.BooleanField()
    is_slow = models.BooleanField(default=False)
    ms = models.PositiveIntegerField()
    first_ms = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    size = models.PositiveIntegerField(null=True)
    step = models.PositiveSmallIntegerField(default=1)
    fault = models.CharField(max_length=20, choices=Fault.choices, blank=True)
    facts = models.JSONField(default=dict)
    excerpt = models.TextField(blank=True)
    asked_by = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "probe_results"
        indexes = [
            models.Index("probe", F("at").desc(), F("id").desc(), name="probe_result_newest"),
            models.Index("probe", F("at").desc(), F("id").desc(), name="probe_result_failed", condition=Q(ok=False)),
            models.Index("at", name="probe_result_age"),
        ]

    def __str__(self) -> str:
        return f"{'ok' if self.ok else self.fault} {self.at:%Y-%m-%d %H:%M:%S}"


class ProbeHour(models.Model):
    """The results of an hour, kept long after the results. The percentiles are of the looks that went well, in milliseconds."""

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="hours")
    hour = models.DateTimeField()
    count = models.PositiveIntegerField()
    ok = models.PositiveIntegerField()
    slow = models.PositiveIntegerField(default=0)
    p50_ms = models.PositiveIntegerField(null=True)
    p95_ms = models.PositiveIntegerField(null=True)
    max_ms = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "probe_hours"
        constraints = [
            models.UniqueConstraint(fields=["probe", "hour"], name="one_probe_hour"),
            models.CheckConstraint(condition=Q(ok__lte=F("count")), name="probe_hour_adds_up"),
        ]
        indexes = [models.Index("hour", name="probe_hour_age")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"


class ProbeFlip(models.Model):
    """From one state to another."""

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="flips")
    at = models.DateTimeField()
    before = models.CharField(max_length=7, choices=Standing.choices)
    after = models.CharField(max_length=7, choices=Standing.choices)
    fault = models.CharField(max_length=20, choices=Fault.choices, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "probe_flips"
        indexes = [
            models.Index("probe", F("at").desc(), F("id").desc(), name="probe_flip_newest"),
            models.Index("at", name="probe_flip_age"),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
