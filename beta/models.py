import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from beta.refusals import label


class RandomUUID(Func):
    function = "gen_random_uuid"
    arity = 0
    output_field = models.UUIDField()


class Program(models.Model):
    """The beta: one row, and the gate's lock. Its version rises with every change; the gate is in migrations/0002_gate.py."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name"), max_length=100, default="Closed beta", db_default="Closed beta")
    cap = models.PositiveIntegerField(_("cap"), default=100, db_default=100)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("days"), default=14, db_default=14)
    invite_only = models.BooleanField(_("invited only"), default=True, db_default=True)
    version = models.BigIntegerField(db_default=0, editable=False)

    seats_taken = models.PositiveIntegerField(db_default=0, editable=False)
    highest_seat = models.PositiveIntegerField(db_default=0, editable=False)
    free_seats = ArrayField(models.PositiveIntegerField(), default=list, db_default=[], editable=False)

    stopped_at = models.DateTimeField(null=True, editable=False)
    stopped_by = models.CharField(max_length=200, blank=True, db_default="", editable=False)
    stop_reason = models.TextField(blank=True, db_default="", editable=False)
    stop_version = models.BigIntegerField(null=True, editable=False)
    # At which version it was last stopped, or let in again; moved by the gate, for raw SQL too.
    flip_version = models.BigIntegerField(db_default=0, editable=False)
    stop_audit_id = models.BigIntegerField(null=True, editable=False)
    ended_backends = models.JSONField(default=list, db_default=[], editable=False)
    # The hosts whose environment says BETA_SIGNUPS_PAUSED=true; each web server adds and takes away its own name.
    env_stops = ArrayField(models.CharField(max_length=200), default=list, db_default=[], editable=False)
    env_stopped_at = models.DateTimeField(null=True, editable=False)
    invites_paused_at = models.DateTimeField(null=True, editable=False)
    invites_paused_by = models.CharField(max_length=200, blank=True, db_default="", editable=False)
    invites_pause_reason = models.TextField(blank=True, db_default="", editable=False)

    class Meta:
        db_table = "beta_programs"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="only_one_program")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stopped(self) -> bool:
        return self.stopped_at is not None or bool(self.env_stops)


class Invite(models.Model):
    """A code that lets households in: once or `max_uses` times, until it expires or is revoked."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    batch = models.CharField(_("batch"), max_length=60, blank=True, help_text=_("For example: Friends & family."))
    max_uses = models.PositiveIntegerField(_("uses"), default=1)
    uses = models.PositiveIntegerField(_("used"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    created_by = models.CharField(max_length=200, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    revoked_by = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        db_table = "beta_invites"
        constraints = [models.CheckConstraint(condition=Q(uses__lte=F("max_uses")), name="invite_not_overused")]
        indexes = [models.Index(F("created_at").desc(), F("id").desc(), name="invite_newest")]

    def __str__(self) -> str:
        return self.code


class Household(models.Model):
    """A household. While it is active it holds a seat; only the gate gives and takes seats."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        REMOVED = "removed", _("removed")

    class Source(models.TextChoices):
        API = "api", _("product API")
        PORTAL = "portal", _("this portal")
        SQL = "sql", _("another client of the database")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    program_id = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)
    household_key = models.CharField(_("key at the product"), max_length=100, unique=True)
    email = models.EmailField(_("email"), max_length=200)
    name = models.CharField(_("name"), max_length=200, blank=True, db_default="")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE, db_default=Status.ACTIVE)
    source = models.CharField(_("came by"), max_length=10, choices=Source.choices, default=Source.SQL, db_default=Source.SQL)
    invite = models.ForeignKey(Invite, on_delete=models.PROTECT, null=True, blank=True, related_name="households")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    # Written by the gate, whatever a client sends: the seat, the program's version that gave it, and the figures then.
    seat = models.PositiveIntegerField(_("seat"), null=True, editable=False)
    seat_version = models.BigIntegerField(null=True, editable=False)
    seated_at = models.DateTimeField(_("seated"), null=True, editable=False)
    cap_then = models.PositiveIntegerField(null=True, editable=False)
    seats_taken_then = models.PositiveIntegerField(null=True, editable=False)

    # Which client's request took the seat, so that the same request again gets the same answer.
    client_id = models.BigIntegerField(null=True, editable=False)
    idempotency_key = models.CharField(max_length=200, null=True, editable=False)  # noqa: DJ001  (NULL: no key, and many may have none)
    request_hash = models.CharField(max_length=64, blank=True, db_default="", editable=False)

    removed_at = models.DateTimeField(_("removed"), null=True, editable=False)
    removed_by = models.CharField(max_length=200, blank=True, db_default="", editable=False)
    removal_reason = models.TextField(_("why removed"), blank=True, db_default="", editable=False)

    class Meta:
        db_table = "households"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["active", "removed"]), name="household_status_known"),
            models.CheckConstraint(
                condition=Q(status="active", seat__isnull=False) | Q(status="removed", seat__isnull=True),
                name="active_household_has_a_seat",
            ),
            models.UniqueConstraint(fields=["seat"], condition=Q(seat__isnull=False), name="one_household_per_seat"),
            models.UniqueConstraint(fields=["client_id", "idempotency_key"], condition=Q(idempotency_key__isnull=False), name="one_claim_per_key"),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="household_newest"),
            models.Index(F("seated_at").desc(), F("id").desc(), name="household_last_seated", condition=Q(status="active")),
            models.Index("seat_version", name="household_by_version"),
            models.Index(Lower("email"), name="household_by_email"),
        ]

    def __str__(self) -> str:
        return self.name or self.household_key


class Refusal(models.Model):
    """An attempt that got no seat, and why. Counted on the beta page; not a sensitive act, so not in the audit log."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now(), editable=False)
    code = models.CharField(max_length=30)
    household_key = models.CharField(max_length=100, blank=True)
    invite_code = models.CharField(max_length=40, blank=True)
    client_label = models.CharField(max_length=100, blank=True)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        db_table = "beta_refusals"
        indexes = [
            models.Index(F("at").desc(), F("id").desc(), name="refusal_newest"),
            models.Index("code", F("at").desc(), F("id").desc(), name="refusal_by_code"),
        ]

    def __str__(self) -> str:
        return self.get_label()

    def get_label(self) -> str:
        """Why, in words."""
        return str(label(self.code))


class SupportMessage(models.Model):
    """What a user wrote, as the product or a mailbox passed it on. It waits from `waiting_since` until a person says what was answered.

    `search` is what the search looks through: subject, body and contact in small letters.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("email")
        WHATSAPP = "whatsapp", "WhatsApp"
        APP = "app", pgettext_lazy("channel", "the app")
        PHONE = "phone", pgettext_lazy("channel", "telephone")
        OTHER = "other", pgettext_lazy("channel", "another way")

    class Kind(models.TextChoices):
        QUESTION = "question", _("question")
        COMPLAINT = "complaint", _("complaint")
        BUG = "bug", pgettext_lazy("kind of message", "bug")
        PRAISE = "praise", _("praise")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("message", "open")
        REOPENED = "reopened", pgettext_lazy("message", "open again")
        ASSIGNED = "assigned", pgettext_lazy("message", "assigned")
        ANSWERED = "answered", pgettext_lazy("message", "answered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    # Which client's request it came with, so that the same request again is not kept twice.
    client_id = models.BigIntegerField(null=True)
    idempotency_key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64, blank=True, db_default="")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="support_messages")
    # As the sender named it, also where there is no such household.
    household_key = models.CharField(max_length=100, blank=True, db_default="")
    contact = models.CharField(_("contact"), max_length=200, blank=True, db_default="")
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    thread = models.CharField(max_length=200, blank=True, db_default="")
    subject = models.CharField(_("subject"), max_length=200, blank=True, db_default="")
    body = models.CharField(_("message"), max_length=10_000)
    search = models.TextField(db_default="", editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.QUESTION)
    received_at = models.DateTimeField(_("received"))

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    waiting_since = models.DateTimeField(_("waiting since"))
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="support_messages")
    first_answered_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.CharField(max_length=200, blank=True, db_default="")
    answer = models.TextField(_("what was answered"), blank=True, db_default="")
    # Answers before it was opened again, the oldest first: [{"at", "by", "note"}].
    earlier_answers = models.JSONField(default=list, db_default=[])

    class Meta:
        db_table = "support_messages"
        constraints = [
            models.UniqueConstraint(fields=["client_id", "idempotency_key"], name="one_message_per_key"),
            models.CheckConstraint(condition=Q(kind__in=["question", "complaint", "bug", "praise"]), name="message_kind_known"),
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False, first_answered_at__isnull=False)
                | Q(state="assigned", answered_at=None, assignee__isnull=False)
                | Q(state__in=["open", "reopened"], answered_at=None, assignee=None),
                name="message_state_sound",
            ),
        ]
        indexes = [
            models.Index("waiting_since", "id", name="message_waiting", condition=Q(answered_at=None)),
            models.Index("assignee", "waiting_since", "id", name="message_assigned", condition=Q(answered_at=None)),
            models.Index("kind", "waiting_since", "id", name="message_waiting_of_kind", condition=Q(answered_at=None)),
            models.Index(F("answered_at").desc(), F("id").desc(), name="message_answered", condition=Q(answered_at__isnull=False)),
            models.Index(F("received_at").desc(), F("id").desc(), name="message_newest"),
            models.Index("first_answered_at", name="message_first_answered", condition=Q(first_answered_at__isnull=False)),
            models.Index("household", F("received_at").desc(), F("id").desc(), name="message_of_household"),
            models.Index("client_id", "thread", "received_at", name="message_thread", condition=~Q(thread="")),
            GinIndex(OpClass("search", name="gin_trgm_ops"), name="message_search"),
        ]

    def __str__(self) -> str:
        return self.subject or self.body.split("\n", 1)[0][:80]

    @property
    def answers_before(self) -> list[dict[str, Any]]:
        """Like earlier_answers, with `at` as a moment."""
        return [each | {"at": datetime.fromisoformat(each["at"])} for each in self.earlier_answers]

    @property
    def first_answer_took(self) -> timedelta | None:
        return None if self.first_answered_at is None else self.first_answered_at - self.received_at
