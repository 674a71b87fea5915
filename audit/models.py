from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from audit.actors import ActorKind
from audit.ranges import IdRangesField


class CurrentTransaction(Func):
    """The running transaction's 64-bit id. PostgreSQL 18, “System information functions”: pg_current_xact_id()."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = models.TextField()


class AuditLog(models.Model):
    """One act. Rows are only ever added: a trigger refuses UPDATE, DELETE and TRUNCATE, for raw SQL too."""

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    transaction = models.BigIntegerField(db_default=Cast(Cast(CurrentTransaction(), models.TextField()), models.BigIntegerField()), editable=False)
    actor_kind = models.CharField(_("kind of actor"), max_length=10, choices=ActorKind.choices)
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(_("who"), max_length=200, blank=True)
    action_type = models.CharField(_("action"), max_length=50)
    entity_type = models.CharField(_("on what kind"), max_length=50, blank=True)
    entity_id = models.CharField(max_length=100, blank=True)
    entity_label = models.CharField(_("on what"), max_length=200, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    changes = models.JSONField(_("changes"), default=dict, db_default={})
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    ip = models.GenericIPAddressField(_("from"), null=True)

    class Meta:
        db_table = "ops_audit_logs"
        verbose_name = _("audit row")
        verbose_name_plural = _("audit rows")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="audit_newest"),
            models.Index("action_type", F("created_at").desc(), F("id").desc(), name="audit_by_action"),
            models.Index("actor_kind", "actor_id", F("created_at").desc(), F("id").desc(), name="audit_by_actor"),
            models.Index("entity_type", "entity_id", F("created_at").desc(), F("id").desc(), name="audit_by_entity"),
            models.Index("actor_kind", F("created_at").desc(), F("id").desc(), name="audit_by_actor_kind"),
            models.Index("entity_type", F("created_at").desc(), F("id").desc(), name="audit_by_entity_type"),
            models.Index("request_id", F("created_at").desc(), F("id").desc(), name="audit_by_request", condition=~models.Q(request_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.action_type} #{self.pk}"


class AuditSeal(models.Model):
    """A link of the hash chain: which rows it covers, and the hash over them and the link before. Only ever added, as rows are."""

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField(_("sealed at"))
    sealed_by = models.CharField(_("sealed by"), max_length=200)
    rows = models.IntegerField(_("rows"))
    members = IdRangesField()
    # The highest id sealed so far.
    high = models.BigIntegerField()
    # Up to this id nothing can come any more: whoever took an id that no row has was rolled back.
    settled = models.BigIntegerField()
    # The transactions that had written rows and were still open: ids up to `high` can come from these only.
    awaited = ArrayField(models.CharField(max_length=40), default=list)
    # The first bytes of each row's hash, by ascending id: which row it was that changed.
    fingerprints = models.BinaryField()
    digest = models.BinaryField()
    previous = models.BinaryField(null=True, unique=True)
    head = models.BinaryField(unique=True)

    class Meta:
        db_table = "ops_audit_seals"
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["-number"]
        indexes = [models.Index("high", "number", name="audit_seals_by_high")]
        constraints = [
            models.CheckConstraint(name="audit_seals_begin_at_one", condition=Q(number=1, previous=None) | Q(number__gt=1, previous__isnull=False)),
            models.CheckConstraint(name="audit_seals_hold_rows", condition=Q(rows__gt=0) & Q(settled__lte=F("high"))),
            ExclusionConstraint(name="audit_seals_seal_once", expressions=[("members", "&&")]),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"
