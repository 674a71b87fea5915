import uuid

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RandomUUID(Func):
    function = "gen_random_uuid"
    arity = 0
    output_field = models.UUIDField()


class Counter(models.Model):
    """One row: the version of all switches together. A trigger moves it on with every change, and its row lock orders the changes."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "switches_counter"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="only_one_switch_counter")]

    def __str__(self) -> str:
        return str(self.version)


class Switch(models.Model):
    """A named safety switch, on or off. `version`, `since` and `changed_at` are written by a trigger, for raw SQL too."""

    name = models.CharField(_("name"), max_length=60, primary_key=True)
    description = models.CharField(_("what it switches"), max_length=300)
    owner = models.CharField(_("owner"), max_length=100, blank=True, db_default="")
    position = models.PositiveSmallIntegerField(db_default=100, editable=False)
    # One that an app registered in code; only the others can be removed.
    is_registered = models.BooleanField(db_default=False, editable=False)

    is_on = models.BooleanField(_("on"), default=True, db_default=True)
    off_until = models.DateTimeField(_("off until"), null=True, blank=True)
    # When it was last turned on or off; changed_at moves with `off_until` and the reason as well.
    since = models.DateTimeField(db_default=Now(), editable=False)
    version = models.BigIntegerField(db_default=0, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_by = models.CharField(max_length=200, blank=True, db_default="", editable=False)
    reason = models.TextField(_("reason"), blank=True, db_default="")
    # New with each act of the portal, so that the trigger knows a change of somebody else, who said neither name nor reason.
    act = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)

    class Meta:
        db_table = "switches_switch"
        verbose_name = _("switch")
        verbose_name_plural = _("switches")
        constraints = [
            models.CheckConstraint(condition=Q(name__regex=r"^[A-Z][A-Z0-9_]{2,59}$"), name="switch_name_like_a_variable"),
            models.CheckConstraint(condition=Q(is_on=False) | Q(off_until__isnull=True), name="only_off_has_an_end"),
        ]
        indexes = [models.Index(F("off_until"), name="switch_due", condition=Q(off_until__isnull=False))]

    def __str__(self) -> str:
        return self.name


class Read(models.Model):
    """When an API client last read a switch, and at which version. Written a few seconds late; several programs with one key are one reader."""

    id = models.BigAutoField(primary_key=True)
    switch = models.CharField(max_length=60)
    client_id = models.BigIntegerField()
    client_label = models.CharField(max_length=100)
    read_at = models.DateTimeField()
    version = models.BigIntegerField()
    # What it was told at that version: the environment may force another. Empty: noted before this was.
    value = models.BooleanField(null=True)

    class Meta:
        db_table = "switches_read"
        constraints = [models.UniqueConstraint(fields=["switch", "client_id"], name="one_read_per_switch_and_client")]

    def __str__(self) -> str:
        return f"{self.switch} / {self.client_label}"
