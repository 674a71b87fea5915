import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from billing import credentials, providers
from billing.credentials import Checked, CheckState
from billing.providers import Provider
from billing.queries.signature import Signatures, signatures
from billing.states import ProviderName


class Command(BaseCommand):
    help = "Ask the payment providers whose access token is set, and say when their webhooks were last signed well and badly. Shows no secret."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", nargs="?", choices=ProviderName.values, help="only this one; without it, every one that is set up")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = [providers.get(options["provider"])] if options["provider"] else providers.all_providers()
        seen = signatures()
        found = [(one, credentials.ask(one), seen.get(one.name, Signatures())) for one in asked]
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(*line) for line in found], indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n\n".join("\n".join(_lines(*line)) for line in found))
        fine = {CheckState.ANSWERS} if options["provider"] else {CheckState.ANSWERS, CheckState.NOT_SET_UP}
        if bad := [one.label for one, checked, _seen in found if checked.state not in fine]:
            raise CommandError(_("No good answer: %(providers)s.") % {"providers": ", ".join(bad)})


def _lines(provider: Provider, checked: Checked, seen: Signatures) -> list[str]:
    lines = [f"{provider.label}: {checked.state.label}" + (f". {checked.words}" if checked.words else "")]
    if account := checked.account:
        facts = ", ".join(f"{_(label)} {value}" for label, value in account.facts)
        lines.append(f"  {_('Account')}: {account.name} {account.id}, {credentials.LIVE[account.live_mode]}; {facts}")
    for secret in credentials.secrets_of(provider):
        lines.append(f"  {_(secret.label)} ({secret.setting}): {secret.fingerprint or _('not set')}")
    for label, at in (
        (_("Last good signature"), seen.current),
        (_("Last by the previous secret"), seen.previous),
        (_("Last unsigned one"), seen.unsigned),
    ):
        lines.append(f"  {label}: {localtime(at).isoformat(' ', 'seconds') if at else '–'}")
    refused = f"{localtime(seen.refused_at).isoformat(' ', 'seconds')} ({seen.refused_because})" if seen.refused_at else "–"
    lines.append(f"  {_('Last refused one')}: {refused}; {_('in 24 hours')}: {seen.refused}")
    return [*lines, f"  {_('Webhook address')}: {credentials.webhook_address(provider)}"]


def _as_json(provider: Provider, checked: Checked, seen: Signatures) -> dict[str, Any]:
    account, moments = checked.account, {"current": seen.current, "previous": seen.previous, "unsigned": seen.unsigned, "refused": seen.refused_at}
    return {
        "provider": provider.name,
        "state": checked.state.value,
        "words": checked.words,
        "account": {"id": account.id, "name": account.name, "live_mode": account.live_mode, "facts": dict(account.facts)} if account else None,
        "secrets": {secret.setting: secret.fingerprint or None for secret in credentials.secrets_of(provider)},
        "last_signature": {name: at.isoformat() if at else None for name, at in moments.items()},
        "last_refused_because": seen.refused_because,
        "refused_in_24_hours": seen.refused,
        "webhook_address": credentials.webhook_address(provider),
    }
