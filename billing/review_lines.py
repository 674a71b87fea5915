"""The lines of the reviews about money: webhooks, mismatches, events that need a person."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.models import Finding
from billing.queries.attention import ForPerson, events_for_person, worst_open
from billing.queries.desk import MOST_COUNTED, Events, Standing, events_of_day, standing
from billing.queries.finding import at_risk
from billing.states import FindingKind
from billing.sweeping import JOB
from billing.tiles import DELIVERED_PERCENT
from opsportal import clock
from opsportal.lines import EVENING, MORNING, Act, Answer, Line, Link, State, register_line
from opsportal.words import PERCENT, Figure, Words, counted, listed, moment, said, sums

DAY = timedelta(hours=24)


def register() -> None:
    register_line(
        Line("webhook-success", "money", _("Webhooks are processed, 24 hours"), _("at least 99 %"), webhooks, "billing.view", order=10,
             limit=DELIVERED_PERCENT),
        Line("money-mismatches", "money", _("Everyone who paid has the plan"), _("no mismatch"), mismatches, "billing.view",
             reviews=(MORNING, EVENING), order=20, limit=0),
        Line("events-person", "money", _("Events that need a person"), _("none; fails after a day"), events, "billing.view", order=30, limit=0),
    )  # fmt: skip


def _joined(*parts: Words) -> Words:
    return Words("%(all)s", {"all": listed([part for part in parts if part], by=" ")})


def webhooks() -> Answer:
    """Of those that are not under way any more, in per cent, never rounded up to a figure that it has not reached."""
    found, link = events_of_day(), Link(said("Webhooks"), reverse("billing_webhooks"))
    if found.percent is None:
        return Answer(
            State.UNKNOWN, detail=said("No event has come in 24 hours."), evidence=(link, Link(said("Providers"), reverse("billing_providers")))
        )
    links = [link, Link(said("Refused deliveries"), reverse("billing_webhook_refused"))]
    if found.without_effect:
        links.append(Link(said("Without effect"), f"{reverse('billing_webhooks')}?effect=without"))
    state = State.OK if found.percent >= DELIVERED_PERCENT else State.FAIL
    acts = _replay(found.person) if state != State.OK else ()
    return Answer(state, Figure(int(found.percent * 10) / 10, PERCENT), _webhooks(found), tuple(links), acts)


def _webhooks(found: Events) -> Words:
    return _joined(
        counted("%(done)s of %(count)s event is processed.", "%(done)s of %(count)s events are processed.", found.came, done=found.processed),
        counted("%(count)s needs a person.", "%(count)s need a person.", found.person) if found.person else Words(),
        counted("%(count)s is under way.", "%(count)s are under way.", found.under_way) if found.under_way else Words(),
    )


def _replay(waiting: int) -> tuple[Act, ...]:
    if not waiting:
        return ()
    return (Act(said("Process them again"), f"{reverse('billing_webhook_replay_many')}?state=person", "billing.reconcile"),)


def mismatches() -> Answer:
    """Fails while one is open, however long ago that was found; that none is open is believed only of a sweep of the last hour."""
    now_known = standing()
    looked, findings = _looked(now_known), Link(said("Findings"), reverse("billing_findings"))
    if not now_known.mismatches and not now_known.is_known:
        act = Act(said("Look now"), reverse("job_run_now", args=[JOB]), "jobs.run", is_post=True)
        return Answer(State.UNKNOWN, detail=looked, evidence=(findings, Link(said("The sweep"), reverse("job", args=[JOB]))), acts=(act,))
    if not now_known.mismatches:
        return Answer(State.OK, Figure(0), looked, (findings,))
    worst, money = worst_open(), at_risk(MOST_COUNTED)
    said_of = _worst(worst) if worst else Words()
    at_stake = said("At risk: %(sums)s.", sums=sums(money)) if money else Words()
    more = said("There are more than were counted.") if now_known.mismatches >= MOST_COUNTED else Words()
    links, acts = _to_mend(worst, findings)
    return Answer(State.FAIL, Figure(now_known.mismatches), _joined(said_of, at_stake, more, looked), links, acts)


def _looked(found: Standing) -> Words:
    if found.swept_at is None:
        return said("The sweep has never looked.")
    return said("The sweep last looked at %(at)s.", at=moment(found.swept_at))


def _worst(worst: Finding) -> Words:
    what = Words.of_label(FindingKind(worst.kind).label)
    who = (worst.checkout.customer_key or worst.checkout.email) if worst.checkout else ""
    return said("%(what)s: %(who)s.", what=what, who=who) if who else said("%(what)s.", what=what)


def _to_mend(worst: Finding | None, findings: Link) -> tuple[tuple[Link, ...], tuple[Act, ...]]:
    if worst is None or worst.checkout is None:
        return (findings,), (Act(said("Look at the findings"), findings.url, "billing.reconcile"),)
    url = reverse("billing_checkout", args=[worst.checkout.checkout_id])
    return (Link(Words.plain(worst.checkout.checkout_id), url), findings), (Act(said("Reconcile"), url, "billing.reconcile"),)


def events() -> Answer:
    """Every try of theirs failed. One that is left for a day fails the line."""
    found, link = events_for_person(MOST_COUNTED), Link(said("Events that need a person"), f"{reverse('billing_webhooks')}?state=person")
    if not found.count:
        return Answer(State.OK, Figure(0), said("No event waits for a person."), (link,))
    oldest = Link(said("The oldest: %(event)s", event=found.event_id), reverse("billing_event", args=[found.oldest]))
    state = State.FAIL if found.since is not None and found.since < clock.now() - DAY else State.WARN
    return Answer(state, Figure(found.count), _waiting(found), (oldest, link), _replay(found.count))


def _waiting(found: ForPerson) -> Words:
    more = said("There are more than were counted.") if found.count >= MOST_COUNTED else Words()
    return _joined(said("The oldest is of %(at)s.", at=moment(found.since)) if found.since else Words(), more)
