"""CRON_SECRET and CRON_SECRET_PREVIOUS: who sends one of them may start jobs. Both are live while one takes the other's place."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import structlog
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

from jobs.models import CronSecretUse
from opsportal import clock, cron_secrets

CURRENT, PREVIOUS = "CRON_SECRET", "CRON_SECRET_PREVIOUS"
# The last use is told to the minute, so that a busy caller writes it once a minute.
NOTED_EVERY = timedelta(minutes=1)

log = structlog.get_logger("jobs.api")

_NOTE = """
    INSERT INTO jobs_cron_secret_use (fingerprint, used_at, used_from) VALUES (%(fingerprint)s, %(now)s, %(used_from)s)
    ON CONFLICT (fingerprint) DO UPDATE SET used_at = excluded.used_at, used_from = excluded.used_from
    WHERE jobs_cron_secret_use.used_at <= %(before)s
"""


def live() -> dict[str, str]:
    """The secrets that open, by their variable. None without a usable CRON_SECRET: an empty or a short one shuts out everybody."""
    secrets = {CURRENT: settings.CRON_SECRET, PREVIOUS: settings.CRON_SECRET_PREVIOUS}
    if not cron_secrets.is_usable(secrets[CURRENT]):
        return {}
    return {name: secret for name, secret in secrets.items() if cron_secrets.is_usable(secret)}


def find(sent: str) -> str | None:
    """The variable whose secret was sent. Compares digests, and always with every live one, so that the time tells nothing."""
    digest = _digest(sent)
    found = [name for name, secret in live().items() if hmac.compare_digest(_digest(secret), digest)]
    return found[0] if found else None


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _fingerprint(secret: str) -> str:
    return _digest(secret).hex()[:16]


def note_use(sent: str, used_from: str) -> None:
    """It was let in, from that address ("" where there is none)."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"fingerprint": _fingerprint(sent), "now": now, "before": now - NOTED_EVERY, "used_from": used_from or None})


@dataclass(frozen=True, slots=True)
class Use:
    """A variable, whether its secret opens, and when and from where it was last used: that moves along when the secret becomes the previous one."""

    name: str
    is_set: bool
    is_live: bool
    used_at: datetime | None
    used_from: str | None


def uses() -> list[Use]:
    """Of both variables, the current one first."""
    secrets = {CURRENT: settings.CRON_SECRET, PREVIOUS: settings.CRON_SECRET_PREVIOUS}
    known = {use.pk: use for use in CronSecretUse.objects.filter(pk__in=[_fingerprint(secret) for secret in secrets.values() if secret])}
    opening = live()
    found = []
    for name, secret in secrets.items():
        use = known.get(_fingerprint(secret)) if secret else None
        found.append(Use(name, bool(secret), name in opening, use.used_at if use else None, use.used_from if use else None))
    return found


@register(Tags.security)
def check(**kwargs: object) -> list[CheckMessage]:
    """For `manage.py check`; production does not even start with the first kind."""
    found: list[CheckMessage] = [
        Warning(f"{name} opens nothing: {why}", id="jobs.W001")
        for name, why in cron_secrets.faults(settings.CRON_SECRET, settings.CRON_SECRET_PREVIOUS)
    ]
    if settings.CRON_SECRET and settings.CRON_SECRET == settings.CRON_SECRET_PREVIOUS:
        found.append(Warning("CRON_SECRET and CRON_SECRET_PREVIOUS are the same, so nothing is being exchanged.", id="jobs.W002"))
    return found


def warn() -> None:
    """The same for the log of a web server, which runs no checks."""
    for message in check():
        log.warning(message.msg)
