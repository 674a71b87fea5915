"""What of the catalog needs a person now, and its tiles on Today. One query, which the frame's count shares."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from beta.frame import program_of
from catalog.frame import attention_of
from catalog.queries.attention import MOST, Attention
from catalog.queries.override import RED_FLAG
from opsportal import needs
from opsportal.lines import Act, State
from opsportal.needs import Gauge, Need
from opsportal.words import Figure, Words

POOR_LINE, OVERRIDES_LINE = "feed-poor", "overrides-today"


def found(request: HttpRequest) -> Iterable[Need]:
    if not request.user.has_perm("catalog.view"):
        return
    seen = attention_of(request)
    if seen.overrides_today > RED_FLAG and program_of(request).invites_paused_at is None:
        yield _red_flag(seen)
    if seen.risky_watched:
        title = ngettext("%(n)s risky offer that households watch", "%(n)s risky offers that households watch", seen.risky_watched)
        detail = _("Their discount is not what it seems, and price alerts wait for them.")
        url = f"{reverse('offers')}?bucket=risky&alerting=1"
        act = Act(Words(gettext_noop("Check the risk")), url, "catalog.check_risk")
        yield Need(needs.TRUST, State.WARN, title % {"n": _counted(seen.risky_watched)}, detail, url, act)
    yield from _waiting(seen)


def _red_flag(seen: Attention) -> Need:
    title = ngettext("%(n)s manual fix of the catalog today", "%(n)s manual fixes of the catalog today", seen.overrides_today)
    detail = _("More than %(most)s in a day are a red flag: pause the invites until prices can be trusted again.") % {"most": RED_FLAG}
    act = Act(Words(gettext_noop("Pause invites")), reverse("beta_pause"), "beta.manage_invites")
    return Need(needs.TRUST, State.FAIL, title % {"n": seen.overrides_today}, detail, reverse("offer_overrides"), act)


def _waiting(seen: Attention) -> Iterable[Need]:
    if seen.held:
        title = ngettext("%(n)s price waits for a decision", "%(n)s prices wait for a decision", seen.held) % {"n": _counted(seen.held)}
        url = f"{reverse('offers')}?held=1"
        act = Act(Words(gettext_noop("Decide")), url, "catalog.edit")
        yield Need(needs.WAITING, State.WARN, title, _("Too far from the price before; households see the old one."), url, act, seen.held_since)
    if seen.drifted:
        title = ngettext("%(n)s override has drifted", "%(n)s overrides have drifted", seen.drifted) % {"n": _counted(seen.drifted)}
        url = f"{reverse('offer_overrides')}?which=drifted"
        act = Act(Words(gettext_noop("Look at them")), url, "catalog.edit")
        yield Need(needs.UNTIDY, State.WARN, title, _("The store's page says something new since; the override hides it."), url, act)


def _counted(count: int) -> str:
    return f"{count}+" if count >= MOST else str(count)


def poor_feeds(request: HttpRequest) -> Gauge | None:
    """Households with fewer than five items, as it was sampled last: too dear to be asked at every look."""
    if not request.user.has_perm("catalog.view"):
        return None
    return Gauge(_("Feeds under 5 items"), Figure(), State.UNKNOWN, _("under 5 %"), reverse("feed"), line=POOR_LINE)


def overrides(request: HttpRequest) -> Gauge | None:
    if not request.user.has_perm("catalog.view"):
        return None
    made = attention_of(request).overrides_today
    state = State.FAIL if made > RED_FLAG else State.WARN if made == RED_FLAG else State.OK
    limit = _("more than %(most)s: pause invites") % {"most": RED_FLAG}
    return Gauge(_("Overrides today"), Figure(made), state, limit, reverse("offer_overrides"), line=OVERRIDES_LINE)


def register() -> None:
    needs.register_needs(found)
    needs.register_gauge(poor_feeds, order=40)
    needs.register_gauge(overrides, order=50)
