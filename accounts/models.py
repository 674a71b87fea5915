import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.roles import NEEDS_SECOND_FACTOR, Role, permissions_of
from audit.actors import Actor, ActorKind
from opsportal import clock


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """A colleague who signs in. The email address is the name; the role says what they may do."""

    email = models.EmailField(_("work email"), max_length=200, unique=True)
    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, help_text=_("Empty: the team's."))
    is_active = models.BooleanField(_("active"), default=True)
    # Part of the hash that every session carries: moving it on ends them all, wherever they are kept.
    session_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Kept in step by accounts.signins, so that no request has to look for authenticators.
    second_factor = models.BooleanField(_("second factor"), default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    groups = models.ManyToManyField(Group, related_name="people", blank=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="person_email_in_any_case"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="person_role_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def needs_second_factor(self) -> bool:
        return self.role in NEEDS_SECOND_FACTOR

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.PERSON, str(self.pk), f"{self} ({self.get_role_display()})")

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac("accounts.Person.session", f"{self.password}|{self.session_generation}", secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and perm in permissions_of(self.role)


class PersonInvite(models.Model):
    """A one-time link by which a colleague chooses a password. Only the token's hash is kept."""

    email = models.EmailField(_("work email"), max_length=200)
    name = models.CharField(_("name"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), condition=models.Q(accepted_at=None, revoked_at=None), name="one_open_invite_per_email"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > clock.now()


class Scope(models.TextChoices):
    SIGNUPS = "signups", _("sign households up and give seats back")
    FLAGS = "flags", _("read switches")
    JOBS = "jobs", _("start jobs")
    METRICS = "metrics", _("push figures")
    CATALOG = "catalog", _("read offers and feeds")
    HOUSEHOLDS = "households", _("write households' profiles, price alerts and purchases")
    SUPPORT = "support", _("pass on what users write to support")
    BILLING = "billing", _("record checkouts, read customers' plans")
    DEPLOYS = "deploys", _("record deployments")


class ApiClient(models.Model):
    """A program that calls the portal, with the scopes it may use."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), verbose_name=_("scopes"))
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def live_keys(self) -> list["ApiKey"]:
        """From the keys already fetched; prefetch them for a list."""
        return [key for key in self.keys.all() if key.revoked_at is None]

    @property
    def last_used_at(self) -> datetime | None:
        return max((key.last_used_at for key in self.keys.all() if key.last_used_at), default=None)

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.CLIENT, str(self.pk), self.name)


class ApiKey(models.Model):
    """One key of a client. Shown once; the SHA-256 of its 256 random bits is kept, and a prefix to tell keys apart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=12, unique=True)
    key_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    def __str__(self) -> str:
        return f"{self.prefix}…"
