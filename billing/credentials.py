"""Whether a provider answers with the token that is set, whose account that is, and which secrets there are. Shows none of them."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from billing.providers import Provider
from billing.report import Account, CouldNotAsk
from billing.states import ProviderName
from opsportal import clock

# The last answer is shown for a day, to everybody; it holds no secret.
KEPT_SECONDS = 24 * 60 * 60


class CheckState(TextChoices):
    NOT_SET_UP = "not_set_up", pgettext_lazy("access token", "not set up")
    NOT_ASKED = "not_asked", pgettext_lazy("access token", "not asked yet")
    ANSWERS = "answers", pgettext_lazy("access token", "answers")
    REFUSED = "refused", pgettext_lazy("access token", "refused")
    COULD_NOT_ASK = "could_not_ask", pgettext_lazy("access token", "could not ask")


_STATES = {"no_token": CheckState.NOT_SET_UP, "refused_token": CheckState.REFUSED}


@dataclass(frozen=True, slots=True)
class Checked:
    """`words`: what kept the answer from coming."""

    state: CheckState
    asked_at: datetime | None = None
    account: Account | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Secret:
    """`fingerprint`: the first 8 digits of its SHA-256 in hexadecimal, to compare without showing it; empty for one that is not set."""

    label: str
    setting: str
    fingerprint: str


# Labels that the pages translate.
_SECRETS = {
    ProviderName.STRIPE: "STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET STRIPE_WEBHOOK_SECRET_PREVIOUS",
    ProviderName.MERCADOPAGO: "MERCADOPAGO_ACCESS_TOKEN MERCADOPAGO_WEBHOOK_SECRET MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS",
}
_LABELS = (gettext_noop("Access token"), gettext_noop("Webhook secret"), gettext_noop("Previous secret"))
TONES = {
    CheckState.NOT_SET_UP: "off",
    CheckState.NOT_ASKED: "unknown",
    CheckState.ANSWERS: "ok",
    CheckState.REFUSED: "fail",
    CheckState.COULD_NOT_ASK: "unknown",
}
LIVE = {True: pgettext_lazy("account mode", "live"), False: pgettext_lazy("account mode", "test"), None: _("not known whether live or test")}


def ask(provider: Provider) -> Checked:
    """Ask now whose token it is, and keep the answer for a day. Never raises."""
    asked_at = clock.now()
    try:
        checked = Checked(CheckState.ANSWERS, asked_at, provider.account())
    except CouldNotAsk as error:
        checked = Checked(_STATES.get(error.code, CheckState.COULD_NOT_ASK), asked_at, words=str(error))
    cache.set(_key(provider.name), {**asdict(checked), "state": checked.state.value}, KEPT_SECONDS)
    return checked


def last(provider: Provider) -> Checked:
    """The answer of the last day, with the token that is set now."""
    if not provider.is_configured():
        return Checked(CheckState.NOT_SET_UP)
    kept: dict[str, Any] | None = cache.get(_key(provider.name))
    if kept is None:
        return Checked(CheckState.NOT_ASKED)
    account = Account(**kept["account"]) if kept["account"] else None
    return Checked(CheckState(kept["state"]), kept["asked_at"], account, kept["words"])


def secrets_of(provider: Provider) -> list[Secret]:
    names = _SECRETS[ProviderName(provider.name)].split()
    return [Secret(label, name, fingerprint(getattr(settings, name))) for label, name in zip(_LABELS, names, strict=True)]


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:8] if secret else ""


def webhook_address(provider: Provider) -> str:
    """What to enter at the provider."""
    return settings.OPS_BASE_URL.rstrip("/") + reverse(f"webhook_{provider.name}")


def _key(name: str) -> str:
    # Another token is another question.
    token = getattr(settings, _SECRETS[ProviderName(name)].split()[0])
    return f"billing-account-{name}-{fingerprint(token)}"
