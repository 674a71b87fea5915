"""The shapes of a diagnosis, and what its sentences are made of."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from billing.models import Checkout
from billing.states import FindingKind
from opsportal import clock
from opsportal.money import in_words


class Level(TextChoices):
    """As the tones of a status."""

    OK = "ok", pgettext_lazy("diagnosis", "agrees")
    WARN = "warn", pgettext_lazy("diagnosis", "look")
    FAIL = "fail", pgettext_lazy("diagnosis", "disagrees")
    UNKNOWN = "unknown", pgettext_lazy("diagnosis", "unknown")


class Side(TextChoices):
    CHECKOUT = "checkout", pgettext_lazy("side", "Our checkout")
    PAYMENTS = "payments", pgettext_lazy("side", "Payments")
    EVENTS = "events", pgettext_lazy("side", "Webhook events")
    PROVIDER = "provider", pgettext_lazy("side", "Provider now")
    PLAN = "plan", pgettext_lazy("side", "Plan")


class Row(TextChoices):
    STATE = "state", pgettext_lazy("row", "State")
    AMOUNT = "amount", pgettext_lazy("row", "Amount")
    CUSTOMER = "customer", pgettext_lazy("row", "Customer")
    CHANGE = "change", pgettext_lazy("row", "Last change")
    REFERENCE = "reference", pgettext_lazy("row", "Reference")


@dataclass(frozen=True, slots=True)
class Mark:
    """A cell of the table that disagrees (fail) or explains (warn). `expected`: what would agree."""

    side: Side
    row: Row
    level: Level
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One disagreement in words. `why_not`: why nothing can be proposed about it, and what to do instead; empty where something can."""

    kind: FindingKind
    level: Level
    headline: str
    sentences: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    why_not: str = ""


def fail(side: Side, row: Row, expected: str = "") -> Mark:
    return Mark(side, row, Level.FAIL, expected)


def warn(side: Side, row: Row, expected: str = "") -> Mark:
    return Mark(side, row, Level.WARN, expected)


def wanted(checkout: Checkout) -> str:
    """What the checkout costs, in words."""
    return in_words(checkout.amount, checkout.currency)


def plan_name(checkout: Checkout) -> str:
    return checkout.plan.name if checkout.plan else _("no plan")


def moment(value: datetime | None) -> str:
    """“19 Nov, 22:47:08” in the team's zone; with the year where it is another one."""
    if value is None:
        return "–"
    local = localtime(value)
    day = "DAY_FORMAT" if local.year == clock.today().year else "SHORT_DATE_FORMAT"
    return f"{date_format(local, day)}, {date_format(local, 'CLOCK_FORMAT')}"


def lasting(seconds: float) -> str:
    """“23 s”, “4 min”, “3 h”, “2 days”: the larger unit that fits, not rounded up."""
    whole = max(int(seconds), 0)
    if whole < 120:
        return _("%(n)d s") % {"n": whole}
    if whole < 7200:
        return _("%(n)d min") % {"n": whole // 60}
    if whole < 172_800:
        return _("%(n)d h") % {"n": whole // 3600}
    return ngettext("%(n)d day", "%(n)d days", whole // 86_400) % {"n": whole // 86_400}
