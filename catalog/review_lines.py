"""The lines of the reviews about the catalog: feeds, manual fixes, purchases. Those about its jobs are in review_jobs.py."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from beta.queries import get_program
from catalog import review_jobs
from catalog.models import Purchase
from catalog.queries.feed import ENOUGH, MOST_POOR_PERCENT, FeedHealth, feed_health, households_of
from catalog.queries.override import RED_FLAG, made_by
from catalog.queries.purchase import Economy, economy_of
from opsportal import clock
from opsportal.lines import EVENING, MORNING, Act, Answer, Line, Link, State, register_line
from opsportal.sharing import shared
from opsportal.words import PERCENT, Figure, Words, amount, counted, listed, said, sums

POOR_WARNS = 5.0
NAMED = 3
# Of purchases nobody hears anything where the product does not tell; after so long that is likelier than that nobody buys.
SILENT = timedelta(days=7)


def register() -> None:
    register_line(
        Line("feed-empty", "feed", _("Nobody has an empty feed"), _("none"), empty, "catalog.view", order=20, seconds=10.0, limit=0),
        Line("feed-poor", "feed", _("Households with fewer than 5 items"), _("warns over 5 %, fails over 20 %"), poor, "catalog.view",
             order=30, seconds=10.0, limit=POOR_WARNS),
        Line("overrides-today", "governance", _("Manual catalog fixes today"), _("5 at most; more pauses invites"), overrides, "catalog.view",
             reviews=(MORNING, EVENING), order=10, limit=RED_FLAG),
        Line("purchases", "users", _("Purchases today, declared economy"), _("no outliers"), purchases, "catalog.view", reviews=(EVENING,), order=10),
    )  # fmt: skip
    review_jobs.register()


def _health() -> FeedHealth:
    """Looks at every household's feed, so it is asked once for both lines."""
    return shared("feed_health", feed_health)


def _feeds(found: FeedHealth) -> Link:
    return Link(counted("%(count)s household", "%(count)s households", found.households), reverse("feed"))


def _nobody() -> Answer:
    return Answer(
        State.UNKNOWN, detail=said("No household holds a seat, so there is no feed to look at."), evidence=(Link(said("Feed"), reverse("feed")),)
    )


def empty() -> Answer:
    found = _health()
    if not found.households:
        return _nobody()
    if not found.empty:
        return Answer(State.OK, Figure(0), said("Every household sees something."), (_feeds(found),))
    detail = counted("%(count)s household sees nothing at all.", "%(count)s households see nothing at all.", found.empty)
    return Answer(State.FAIL, Figure(found.empty), detail, (_feeds(found), *_households(found.empty_ids)), _broaden(found.empty_ids))


def _households(ids: Sequence[UUID]) -> list[Link]:
    names = {one.pk: str(one) for one in households_of(ids[:NAMED])} if ids else {}
    return [Link(Words.plain(names[one]), reverse("feed_household", args=[one])) for one in ids[:NAMED] if one in names]


def poor() -> Answer:
    """In per cent of the households that hold a seat; those with empty feeds are among them."""
    found = _health()
    if found.poor_percent is None:
        return _nobody()
    state = State.FAIL if found.poor_percent > MOST_POOR_PERCENT else State.WARN if found.poor_percent > POOR_WARNS else State.OK
    values = {"of": found.households, "enough": ENOUGH}
    few = counted(
        "%(count)s of %(of)s sees fewer than %(enough)s items.", "%(count)s of %(of)s see fewer than %(enough)s items.", found.poor, **values
    )
    ids = (*found.empty_ids, *found.few_ids)
    acts = _broaden(ids) if state != State.OK else ()
    return Answer(state, Figure(found.poor_percent, PERCENT), few, (_feeds(found), *_households(ids)), acts)


def _broaden(ids: Sequence[UUID]) -> tuple[Act, ...]:
    """Where it is said what the filters of the worst off take away, and what to broaden."""
    return (Act(said("Broaden filters"), reverse("feed_household", args=[ids[0]]), "catalog.manage_alerts"),)


def overrides() -> Answer:
    """Today's, in the team's zone. At nine in the morning today is young: a red flag of yesterday warns still."""
    today, yesterday = made_by(clock.today()), made_by(clock.today() - timedelta(days=1))
    made, before = today.total(), yesterday.total()
    state = State.FAIL if made > RED_FLAG else State.WARN if before > RED_FLAG else State.OK
    links = (Link(said("Overrides made today"), f"{reverse('offer_overrides')}?which=today"), Link(said("All that hold"), reverse("offer_overrides")))
    return Answer(state, Figure(made, of=RED_FLAG), _overrides(today, before), links, _pause() if state != State.OK else ())


def _overrides(today: Counter[str], yesterday: int) -> Words:
    before = said("Yesterday: %(count)s.", count=yesterday)
    if not today:
        return said("None yet. %(before)s", before=before)
    by = listed([said("%(who)s %(count)s", who=who, count=count) for who, count in today.most_common(NAMED)])
    return said("%(by)s. %(before)s", by=by, before=before)


def _pause() -> tuple[Act, ...]:
    if get_program().invites_paused_at:
        return ()
    return (Act(said("Pause invites"), reverse("beta_pause"), "beta.manage_invites"),)


def purchases() -> Answer:
    """Of today, in the currency of most of them. Unknown where the product has told of none for a week."""
    day = clock.today()
    found = sorted(economy_of(day), key=lambda one: (-one.purchases, one.currency))
    link = Link(said("Purchases of the day"), f"{reverse('purchases')}?day={day:%Y-%m-%d}")
    if not found:
        return _no_purchases(link)
    outliers = sum(one.outliers for one in found)
    links = [link, Link(counted("%(count)s outlier", "%(count)s outliers", outliers), f"{link.url}&outliers=1")] if outliers else [link]
    main = found[0]
    return Answer(State.WARN if outliers else State.OK, Figure(main.declared, main.currency), _economy(main, found[1:], outliers), tuple(links))


def _no_purchases(link: Link) -> Answer:
    newest = Purchase.objects.order_by("-bought_at", "-id").values_list("bought_at", "currency").first()
    if newest is None or newest[0] < clock.now() - SILENT:
        return Answer(State.UNKNOWN, detail=said("The product has told of no purchase for a week."), evidence=(link,))
    return Answer(State.OK, Figure(0, newest[1]), said("No purchase was declared today."), (link,))


def _economy(main: Economy, others: Sequence[Economy], outliers: int) -> Words:
    bought = main.purchases + sum(one.purchases for one in others)
    confirmed = amount(main.confirmed, main.currency)
    parts = [counted("%(count)s purchase; confirmed by the 90-day median: %(sum)s.", "%(count)s purchases; confirmed by the 90-day median: %(sum)s.", bought, sum=confirmed)]  # fmt: skip
    if others:
        parts.append(said("In other currencies: %(sums)s.", sums=sums({one.currency: one.declared for one in others})))
    if outliers:
        parts.append(counted("%(count)s outlier is left out.", "%(count)s outliers are left out.", outliers))
    return Words("%(all)s", {"all": listed(parts, by=" ")})
