from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.checkout import Checkout
from billing.models.event import WebhookEvent
from billing.models.grant import Grant
from billing.models.payment import Payment
from billing.states import FindingKind, ProviderName


class Finding(models.Model):
    """Two sides that disagree. Opened and closed by the sweep; `subject` ("checkout:12", "payment:7" …) and kind make one open finding."""

    kind = models.CharField(_("what"), max_length=30, choices=FindingKind.choices)
    subject = models.CharField(max_length=60)
    checkout = models.ForeignKey(Checkout, models.PROTECT, null=True, related_name="findings")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="findings")
    event = models.ForeignKey(WebhookEvent, models.PROTECT, null=True, related_name="findings")
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="findings")
    # At risk, in minor units; empty where there is no telling.
    amount = models.BigIntegerField(_("at risk"), null=True)
    currency = models.CharField(max_length=3, blank=True, db_default="")
    facts = models.JSONField(default=dict, db_default={})
    # Since when the sides disagree, and when that was found.
    since = models.DateTimeField(_("since"))
    found_at = models.DateTimeField(_("found"), db_default=Now())
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_because = models.CharField(max_length=200, blank=True, db_default="")
    # Tries to mend it without a person.
    fix_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    fix_error = models.CharField(max_length=300, blank=True, db_default="")
    # A person looked at it and lets it stand; it stays open and counts no more.
    handled_at = models.DateTimeField(_("handled"), null=True)
    handled_by = models.CharField(max_length=200, blank=True, db_default="")
    handled_note = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "billing_findings"
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], condition=Q(closed_at=None), name="finding_open_once")]
        indexes = [
            models.Index(F("found_at").desc(), F("id").desc(), name="finding_newest"),
            models.Index("kind", F("found_at").desc(), F("id").desc(), name="finding_open", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Watermark(models.Model):
    """How far a provider's own list of changes has been read."""

    provider = models.CharField(max_length=20, choices=ProviderName.choices, primary_key=True)
    read_until = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        db_table = "billing_watermarks"

    def __str__(self) -> str:
        return f"{self.provider} {self.read_until:%Y-%m-%d %H:%M}"
