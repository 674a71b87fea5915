"""Who may start jobs over HTTP: whoever has a cron secret, and API clients with the scope `jobs`. Each returns the Actor, as `request.auth`."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import APIKeyHeader

from accounts.api import ApiKeyAuth, raw_key
from audit.actors import Actor, ActorKind
from jobs import cron_secrets, guessing
from opsportal.errors import OpsError, TooMany, Unauthenticated
from opsportal.logs import client_ip

_LABELS = {cron_secrets.CURRENT: "cron secret", cron_secrets.PREVIOUS: "cron secret (previous)"}


class CronSecretHeader(APIKeyHeader):
    """`x-cron-secret: …`. Where it is sent, Authorization is not looked at: some proxies put their own there."""

    param_name = "x-cron-secret"
    openapi_description = "CRON_SECRET, or CRON_SECRET_PREVIOUS."

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        sent = (key or "").strip()
        if not sent:
            return None
        actor = _by_secret(request, sent)
        if actor is None:
            raise _wrong(request)
        return actor


class CronBearer(ApiKeyAuth):
    """`Authorization: Bearer …` with a cron secret or an API key."""

    openapi_description = "A cron secret, or an API key with the scope jobs; the latter is also accepted in the header X-API-Key."

    def __call__(self, request: HttpRequest) -> Actor:  # type: ignore[override]
        sent = raw_key(request)
        if not sent:
            raise Unauthenticated(_("Send a cron secret as “x-cron-secret: …” or “Authorization: Bearer …”, or an API key as the latter."))
        actor = _by_secret(request, sent)
        if actor is not None:
            return actor
        try:
            return self.authenticate(request, sent).actor
        except Unauthenticated:
            raise _wrong(request) from None


def _by_secret(request: HttpRequest, sent: str) -> Actor | None:
    name = cron_secrets.find(sent)
    if name is None:
        return None
    cron_secrets.note_use(sent, client_ip(request))
    return Actor(ActorKind.CLIENT, name, _LABELS[name])


def _wrong(request: HttpRequest) -> OpsError:
    if seconds := guessing.count_wrong(client_ip(request)):
        detail = _("Too many wrong secrets from your address: wrong ones get 429 for %(seconds)s s. A right one still works.") % {"seconds": seconds}
        return TooMany(detail, code="too_many_tries", retry_after=seconds)
    return Unauthenticated(_("This secret or key is unknown or revoked."))
