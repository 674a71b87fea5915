from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Import(models.Model):
    """A file of products or offers, on its way into the catalog: read, shown, applied in one go, and undone if need be."""

    class Kind(models.TextChoices):
        PRODUCTS = "products", _("products")
        OFFERS = "offers", _("offers")

    class State(models.TextChoices):
        READING = "reading", _("being read")
        READY = "ready", _("ready to apply")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")
        DISCARDED = "discarded", _("discarded")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.READING)
    reason = models.TextField(_("reason"), blank=True, db_default="")
    error = models.TextField(_("error"), blank=True, db_default="")
    # Rows read so far, and how many there are as far as is known.
    rows_read = models.PositiveIntegerField(db_default=0)
    rows_total = models.PositiveIntegerField(null=True)
    new = models.PositiveIntegerField(db_default=0)
    changed = models.PositiveIntegerField(db_default=0)
    unchanged = models.PositiveIntegerField(db_default=0)
    refused = models.PositiveIntegerField(db_default=0)
    created_at = models.DateTimeField(_("uploaded"), db_default=Now())
    created_by = models.CharField(_("by"), max_length=200)
    # A sign of life of the process that works on it; a lost one is taken up again.
    heartbeat_at = models.DateTimeField(null=True)
    # Who asked for what is being done, where from and in which language: the worker acts and writes in that person's name.
    asked = models.JSONField(default=dict, editable=False)
    # As what the file was read: its form, encoding, separators.
    read_as = models.CharField(_("read as"), max_length=100, blank=True, db_default="")
    applied_at = models.DateTimeField(_("applied"), null=True)
    applied_by = models.CharField(max_length=200, blank=True, db_default="")
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "catalog_imports"
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [models.Index(F("created_at").desc(), F("id").desc(), name="import_newest")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_owed(self) -> bool:
        """Whether a worker has something to do for it."""
        return self.state in (self.State.READING, self.State.APPLYING, self.State.UNDOING)

    @property
    def rows_count(self) -> int:
        return self.new + self.changed + self.unchanged + self.refused


class ImportRow(models.Model):
    """A row of the file, and what it does. `before` and `version` are of the thing as the preview saw it; apply refuses when that moved."""

    class Effect(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", _("refused")

    job = models.ForeignKey(Import, models.CASCADE, related_name="rows", db_column="import_id", db_index=False)
    # The line in the file, counted as a spreadsheet does.
    number = models.PositiveIntegerField()
    effect = models.CharField(_("effect"), max_length=9, choices=Effect.choices)
    problem = models.CharField(_("why refused"), max_length=300, blank=True, db_default="")
    target_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    label = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "catalog_import_rows"
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["job", "effect", "number"], name="import_row_effect")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.number}"
