from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import credentials, providers
from billing.credentials import TONES, Checked, CheckState
from billing.providers import Provider
from billing.queries.signature import Signatures, signatures
from opsportal.access import requires


@require_safe
@requires("billing.view")
def listing(request: HttpRequest) -> HttpResponse:
    found = signatures()
    shown = [_shown(one, found.get(one.name, Signatures())) for one in providers.all_providers()]
    return render(request, "billing/provider_list.html", {"providers": shown})


@require_POST
@requires("billing.view")
def ask(request: HttpRequest, name: str) -> HttpResponse:
    """Asks the provider whose token it is. Changes nothing, so it leaves no audit row."""
    try:
        provider = providers.get(name)
    except LookupError:
        raise Http404 from None
    checked = credentials.ask(provider)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "billing/_provider_answer.html", _answer(provider, checked))
    level = messages.SUCCESS if checked.state == CheckState.ANSWERS else messages.ERROR
    messages.add_message(request, level, _told(provider, checked))
    return redirect("billing_providers")


def _told(provider: Provider, checked: Checked) -> str:
    if checked.account is None:
        return checked.words
    facts = {"provider": provider.label, "name": checked.account.name, "id": checked.account.id}
    return _("%(provider)s answers: the token is of “%(name)s”, %(id)s.") % facts


def _shown(provider: Provider, seen: Signatures) -> dict[str, Any]:
    secrets = credentials.secrets_of(provider)
    _token, current, previous = (bool(secret.fingerprint) for secret in secrets)
    return {
        **_answer(provider, credentials.last(provider)),
        "secrets": secrets,
        "webhook_address": credentials.webhook_address(provider),
        "seen": seen,
        "rotation": seen.rotation(provider.name, has_current=current, has_previous=previous),
    }


def _answer(provider: Provider, checked: Checked) -> dict[str, Any]:
    live = credentials.LIVE[checked.account.live_mode] if checked.account else ""
    return {"provider": provider, "checked": checked, "tone": TONES[checked.state], "live": live}
