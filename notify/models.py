import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notify.channels import label_of, shown


class Destination(models.Model):
    """Where messages go: a colleague's system or mailbox. Code calls it by its name, which never changes."""

    name = models.SlugField(_("name"), max_length=60, unique=True)
    channel = models.CharField(_("channel"), max_length=20)
    address = models.CharField(_("address"), max_length=500)
    is_on = models.BooleanField(_("on"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "notify_destinations"
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")

    def __str__(self) -> str:
        return self.name

    @property
    def channel_label(self) -> str:
        return label_of(self.channel)

    @property
    def shown_address(self) -> str:
        return shown(self.channel, self.address)


class Secret(models.Model):
    """What a destination's messages are signed with. Kept encrypted, shown once; two may be live while the receiver changes over."""

    destination = models.ForeignKey(Destination, models.PROTECT, related_name="secrets")
    sealed = models.TextField()
    # The first characters of the secret's SHA-256: tells two apart and gives nothing away.
    fingerprint = models.CharField(max_length=8)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    # From here on messages are not signed with it any more.
    ends_at = models.DateTimeField(_("ends"), null=True)

    class Meta:
        db_table = "notify_secrets"
        constraints = [models.UniqueConstraint("destination", "fingerprint", name="notify_secret_once")]

    def __str__(self) -> str:
        return self.fingerprint


class State(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("message", "waiting")
    SENT = "sent", pgettext_lazy("message", "sent")
    DEAD = "dead", pgettext_lazy("message", "dead")
    ASIDE = "aside", pgettext_lazy("message", "set aside")


class Message(models.Model):
    """Something owed to the outside, written in the transaction of the act that owes it.

    `attempts` grows with every claim and is its fencing token; at `allowed` of them without success the message is dead.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    # Sent along as Idempotency-Key: the receiver can tell a second delivery from a second message.
    key = models.CharField(_("idempotency key"), max_length=200, unique=True)
    channel = models.CharField(_("channel"), max_length=20)
    destination = models.ForeignKey(Destination, models.PROTECT, null=True, related_name="messages")
    # For a message to one person; otherwise the destination's address counts, as it is at delivery.
    address = models.CharField(_("address"), max_length=500, blank=True)
    topic = models.CharField(_("topic"), max_length=60)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    # Exactly the text that is sent; encrypted where `is_secret`, and emptied once such a one is finished.
    body = models.TextField(blank=True)
    is_secret = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    allowed = models.PositiveIntegerField()
    next_at = models.DateTimeField(_("next try"))
    claimed_until = models.DateTimeField(null=True)
    # When a worker was last told of it; empty: nobody has been.
    told_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        db_table = "notify_messages"
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="notify_state_known"),
            models.CheckConstraint(condition=Q(state=State.WAITING, finished_at=None) | ~Q(state=State.WAITING) & Q(finished_at__isnull=False), name="notify_finished_has_its_time"),
            models.CheckConstraint(condition=Q(destination__isnull=False) | ~Q(address=""), name="notify_goes_somewhere"),
        ]  # fmt: skip
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="notify_newest"),
            models.Index("state", F("created_at").desc(), F("id").desc(), name="notify_by_state"),
            models.Index("destination", F("created_at").desc(), F("id").desc(), name="notify_by_destination"),
            models.Index("topic", F("created_at").desc(), F("id").desc(), name="notify_by_topic"),
            models.Index("next_at", condition=Q(state=State.WAITING), name="notify_due"),
            models.Index("destination", condition=Q(claimed_until__isnull=False), name="notify_claimed"),
            models.Index("finished_at", condition=Q(state__in=[State.SENT, State.ASIDE]), name="notify_finished"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def to(self) -> str:
        return self.address or str(self.destination)

    @property
    def channel_label(self) -> str:
        return label_of(self.channel)


class Attempt(models.Model):
    """One try to send a message. Written before it, so that a worker that dies leaves a trace; filled in after it."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    ok = models.BooleanField(null=True)
    # The receiver's status code, where its protocol has one.
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        db_table = "notify_attempts"
        constraints = [models.UniqueConstraint("message", "number", name="notify_attempt_once")]

    def __str__(self) -> str:
        return f"{self.number}"
