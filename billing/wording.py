"""What an effect is in a sentence, and what happens for each type of event: the pages and docs/operations.md say it in the same words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing.effects import EffectKind, EffectReason
from billing.models import Grant
from opsportal.money import in_words


def effect_in_words(kind: str, reason: str, facts: Mapping[str, Any]) -> str:
    """“Plan Pro granted until 21 Dec 2026”, “None: no checkout of ours is known for it”; "" while there is no effect."""
    if not kind:
        return ""
    why = str(EffectReason(reason).label) if reason in EffectReason.values else reason
    plan = str(facts.get("plan") or "")
    match kind:
        case EffectKind.GRANTED if plan:
            said = _until(_("Plan %(plan)s granted until %(until)s"), _("Plan %(plan)s granted"), plan, facts)
        case EffectKind.RESTORED if plan:
            said = _until(_("Plan %(plan)s given back until %(until)s"), _("Plan %(plan)s given back"), plan, facts)
        case EffectKind.ENDED if plan:
            said, why = _("Plan %(plan)s ended") % {"plan": plan}, _because(facts) or why
        case EffectKind.NONE:
            said = pgettext("effect", "None")
        case _:
            said = str(EffectKind(kind).label).capitalize() if kind in EffectKind.values else kind
    return ": ".join(part for part in (said, " ".join(filter(None, (why, _differs(reason, facts))))) if part)


def _until(with_end: str, without: str, plan: str, facts: Mapping[str, Any]) -> str:
    try:
        moment = localtime(datetime.fromisoformat(str(facts.get("until"))))
    except ValueError:
        return without % {"plan": plan}
    return with_end % {"plan": plan, "until": date_format(moment, "SHORT_DATE_FORMAT")}


def _because(facts: Mapping[str, Any]) -> str:
    because = str(facts.get("because") or "")
    return str(Grant.Ended(because).label) if because in Grant.Ended.values else because


def _differs(reason: str, facts: Mapping[str, Any]) -> str:
    if reason not in (EffectReason.AMOUNT_DIFFERS, EffectReason.CURRENCY_DIFFERS) or facts.get("due") is None:
        return ""
    came, due = (
        in_words(facts.get(amount), str(facts.get(currency) or "")) for amount, currency in (("amount", "currency"), ("due", "due_currency"))
    )
    return _("(%(came)s came, %(due)s is due)") % {"came": came, "due": due}
