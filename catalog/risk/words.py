"""A reason as one sentence, in the reader's language. What is stored are its figures."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.risk.reasons import Reason

Figures = dict[str, Any]


def words(reason: Reason) -> str:
    """One sentence. A code that no rule gives any more (it was stored by an earlier version) is named as it is."""
    sentence = SENTENCES.get(reason.code)
    return sentence(reason.figures) if sentence else _("A rule that is no longer used: %(code)s.") % {"code": reason.code}


def list_raised(figures: Figures) -> str:
    if not figures["days"]:
        return _("The list price rose %(percent)s %% on the day this “discount” began.") % figures
    return (
        ngettext(
            "The list price rose %(percent)s %% %(days)s day before this “discount”.",
            "The list price rose %(percent)s %% %(days)s days before this “discount”.",
            figures["days"],
        )
        % figures
    )


def raised_then_lowered(figures: Figures) -> str:
    if not figures["days"]:
        return _("The price rose %(percent)s %% and came back within a day.") % figures
    return (
        ngettext(
            "The price rose %(percent)s %% and came back after %(days)s day.",
            "The price rose %(percent)s %% and came back after %(days)s days.",
            figures["days"],
        )
        % figures
    )


def claim_gap(figures: Figures) -> str:
    if figures["above"]:
        return _("It claims %(claimed)s %% off, but is %(above)s %% above the lowest price of the 30 days before.") % figures
    if figures["real"]:
        return _("It claims %(claimed)s %% off; against the lowest price of the 30 days before it is %(real)s %%.") % figures
    return _("It claims %(claimed)s %% off, but costs what it did at its lowest in the 30 days before.") % figures


def unconfirmed(figures: Figures) -> str:
    return ngettext("The price was not confirmed for %(days)s day.", "The price was not confirmed for %(days)s days.", figures["days"]) % figures


def lost(figures: Figures) -> str:
    return (
        ngettext(
            "The price was not confirmed for %(days)s day, too long to judge it.",
            "The price was not confirmed for %(days)s days, too long to judge it.",
            figures["days"],
        )
        % figures
    )


def short_history(figures: Figures) -> str:
    return (
        ngettext(
            "Only %(days)s day of price history; a verdict needs %(needed)s.",
            "Only %(days)s days of price history; a verdict needs %(needed)s.",
            figures["days"],
        )
        % figures
    )


def young_history(figures: Figures) -> str:
    return (
        ngettext(
            "Only %(days)s day of price history; %(full)s would be enough to be sure.",
            "Only %(days)s days of price history; %(full)s would be enough to be sure.",
            figures["days"],
        )
        % figures
    )


def held(figures: Figures) -> str:
    if figures["up"]:
        return _("The store shows a price %(percent)s %% higher, which waits for a person.") % figures
    return _("The store shows a price %(percent)s %% lower, which waits for a person.") % figures


def volatile(figures: Figures) -> str:
    return (
        ngettext(
            "The price changed %(changes)s time in %(days)s days.",
            "The price changed %(changes)s times in %(days)s days.",
            figures["changes"],
        )
        % figures
    )


def overridden(figures: Figures) -> str:
    return _("A person set what is shown: %(why)s") % figures if figures["why"] else _("A person set what is shown.")


def in_line(figures: Figures) -> str:
    return ngettext("In line with %(stores)s other store.", "In line with %(stores)s other stores.", figures["stores"]) % figures


SENTENCES: dict[str, Callable[[Figures], str]] = {
    "no_price": lambda _figures: _("There is no price to judge."),
    "never_confirmed": lambda _figures: _("The price was never confirmed at the store."),
    "stale": unconfirmed,
    "lost": lost,
    "short_history": short_history,
    "young_history": young_history,
    "currency_changed": lambda _figures: _("The store's page changed its currency, so the price cannot be compared."),
    "list_raised": list_raised,
    "raised_then_lowered": raised_then_lowered,
    "claim_gap": claim_gap,
    "huge_claim": lambda figures: _("A discount of %(percent)s %% is hard to believe.") % figures,
    "too_cheap": lambda figures: _("%(percent)s %% under the 90-day median: likely an error or a trap.") % figures,
    "under_market": lambda figures: _("%(percent)s %% under the cheapest other store, %(store)s: likely an error or a trap.") % figures,
    "over_median": lambda figures: _("%(percent)s %% above the 90-day median.") % figures,
    "over_market": lambda figures: _("%(percent)s %% above the cheapest other store, %(store)s.") % figures,
    "held": held,
    "volatile": volatile,
    "single_source": lambda _figures: _("Only one source."),
    "out_of_stock": lambda _figures: _("Out of stock: nobody can buy at this price."),
    "overridden": overridden,
    "under_low": lambda figures: _("%(percent)s %% under the 90-day low.") % figures,
    "real_discount": lambda figures: _("The discount of %(percent)s %% is real: it holds against the 30 days before.") % figures,
    "in_line": in_line,
}
