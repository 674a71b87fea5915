"""Samples of every component, for the style page. Invented figures; nothing here reads the database."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.template.defaultfilters import date as date_filter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opsportal import charts, clock
from opsportal.components import Check, Chip, Event, Tile
from opsportal.keyset import Page


class SampleForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("Work email"), help_text=gettext_lazy("The invitation goes there."))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=[("", "–"), ("support", gettext_lazy("Support")), ("cto", gettext_lazy("CTO"))])
    uses = forms.IntegerField(label=gettext_lazy("Uses"), min_value=1, max_value=100)
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    who = forms.ChoiceField(
        label=gettext_lazy("Who may join"),
        widget=forms.RadioSelect,
        choices=[("invited", gettext_lazy("Invited only")), ("all", gettext_lazy("Everyone"))],
    )
    agree = forms.BooleanField(label=gettext_lazy("Send it now"), required=False)


def everything(request: HttpRequest) -> dict[str, Any]:
    now = clock.now()
    return {
        "moments": [now, now - timedelta(minutes=3), now + timedelta(hours=2), now - timedelta(days=40), None],
        "tones": [("ok", _("open")), ("warn", _("near the limit")), ("fail", _("failing")), ("unknown", _("unknown")), ("off", _("off"))],
        "tiles": _tiles(),
        "chips": [Chip(_("Last 24 hours"), "?", on=True), Chip(_("Who"), "?who=1"), Chip(_("Action"), "?action=1")],
        "page": Page([], "older", "newer"),
        "changes": {"price": ["R$ 89,90", "R$ 64,90"], "ends": [None, "21 Nov"], "active": [True, False], "seller": ["Mercado", "Mercado"]},
        "events": _events(),
        "steps": [_("Program"), _("People"), _("Product key"), _("First probe"), _("First invite")],
        "checks": _checks(),
        "shares": [(_("Invite unknown"), 14), (_("Invite already used"), 9), (_("Cap reached"), 0)],
        "charts": _charts(),
        "form": SampleForm(auto_id="free_%s"),
        "wrong_form": SampleForm({"email": "ana", "uses": "0", "who": "invited", "note": _("What was typed is kept.")}),
        "points": [_("Nobody new gets a seat, invited or not."), _("The 57 households keep theirs.")],
    }


def _tiles() -> list[Tile]:
    return [
        Tile(_("Households"), "57", _("of 100"), "ok", _("ok"), _("warns at 90"), values=(18, 32, 43, 54, 57), course=_("Households by day")),
        Tile(_("Feed load, p95"), "2.4", "s", "fail", _("fail"), _("under 2 s"), values=(1.2, 1.4, None, 1.9, 2.4), course=_("In 24 h"), threshold=2),
        Tile(_("Availability, 30 d"), "–", "", "unknown", _("unknown"), _("no probe yet")),
    ]


def _events() -> list[Event]:
    now = clock.now()
    return [
        Event(now, _("Signups stopped"), _("Ana Souza. One change."), icon="stop"),
        Event(now - timedelta(minutes=4), _("Guardrail: more than 10 seats in 20 minutes"), tone="warn"),
        Event(now - timedelta(minutes=21), _("4 invites sent"), url="#timeline", icon="invite"),
    ]


def _checks() -> list[Check]:
    act = {"label": _("Look"), "url": "#checks"}
    return [
        Check("feed", "ok", _("ok"), _("Feed loads fast"), _("Slowest household: 1.9 s"), "1.4 s", _("under 2 s"), "1.3 s", done=True),
        Check("jobs", "fail", _("fail"), _("Jobs ran"), _("Alert evaluator failed twice"), "2", _("should be 0"), "0", action=act),
        Check("backup", "unknown", _("unknown"), _("Backup restored"), _("No drill yet"), "–", _("within 7 days")),
    ]


def _charts() -> list[charts.Chart]:
    week = [date_filter(date(2026, 11, day), "D j") for day in range(16, 23)]
    seats = list(zip(week, (18, 14, 11, 11, 3, None, None), strict=True))
    load = list(zip(week, (1.2, 1.4, 1.3, None, 1.9, 2.4, 1.4), strict=True))
    states = list(zip(week, ("ok", "ok", "warn", "fail", "ok", "unknown", "off"), strict=True))
    words = {"ok": _("ok"), "warn": _("warn"), "fail": _("fail"), "unknown": _("unknown"), "off": _("off")}
    return [
        charts.bars(_("Seats per day"), seats, columns=(_("Day"), _("Seats")), now=4, expected=(None, None, None, None, 11, 11, 10)),
        charts.line(_("Feed load, p95 in seconds"), load, columns=(_("Day"), _("Seconds")), limit=2, limit_words=_("limit 2 s")),
        charts.strip(_("State by day"), states, columns=(_("Day"), _("State")), words=words),
    ]
