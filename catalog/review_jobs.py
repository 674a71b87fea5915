"""The lines of the reviews about the catalog's jobs: the price tracker, the alert evaluator, and whether its alerts arrive."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.jobs.evaluator import AlertEvaluator
from catalog.jobs.tracker import PriceTracker
from catalog.queries.undelivered import MOST_COUNTED, Undelivered, fired_since, undelivered
from jobs import registry
from jobs.job import Job
from jobs.queries.day import DAY, DayOfJob, day_of
from jobs.review_lines import reasons_of, run_now, turn_on
from opsportal import clock
from opsportal.lines import EVENING, MORNING, Act, Answer, Line, Link, State, register_line
from opsportal.words import Figure, Words, counted, listed, said


def register() -> None:
    register_line(
        Line("price-tracker", "jobs", _("Price tracker finished its batches"), _("all that were due, 24 hours"), tracker, "catalog.view", order=10),
        Line("alert-evaluator", "jobs", _("Alert evaluator triggered events"), _("no run fails, none is missing"), evaluator, "catalog.view",
             order=20),
        Line("alerts-delivered", "jobs", _("Alerts reach people in time"), _("within 15 minutes"), delivered, "catalog.view",
             reviews=(MORNING, EVENING), order=25, limit=0),
    )  # fmt: skip


def tracker() -> Answer:
    job = registry.get(PriceTracker.name)
    found = day_of(job)
    if not found.due or found.was_off:
        return _did_not_run(job, found)
    state = State.FAIL if not found.succeeded else State.WARN if found.succeeded < found.due else State.OK
    did = counted("%(count)s batch of %(items)s items.", "%(count)s batches of %(items)s items.", found.batches, items=found.items)
    at_limit = counted(
        "%(count)s run stopped at its limit, and the next went on from there.", "%(count)s runs stopped at their limit, and the next went on from there.",
        found.at_limit,
    )  # fmt: skip
    parts = [did, at_limit if found.at_limit else Words(), *_trouble(found)]
    acts = _acts(job, found) if state != State.OK else ()
    return Answer(state, Figure(found.succeeded, of=found.due), _joined(parts), _evidence(job), acts)


def evaluator() -> Answer:
    """Its figure: alerts that it fired in 24 hours."""
    job = registry.get(AlertEvaluator.name)
    found = day_of(job)
    if not found.due or found.was_off:
        return _did_not_run(job, found)
    fired = fired_since(clock.now() - DAY)
    failing = found.standing is not None and found.standing.failures > 0
    state = State.FAIL if failing or not found.succeeded else State.WARN if found.succeeded < found.due else State.OK
    links = (Link(counted("%(count)s alert fired", "%(count)s alerts fired", fired), reverse("alerts")), *_evidence(job))
    acts = _acts(job, found) if state != State.OK else ()
    return Answer(state, Figure(fired), _evaluated(found, fired), links, acts)


def _evaluated(found: DayOfJob, fired: int) -> Words:
    last = found.standing.failures if found.standing else 0
    parts = [
        counted("%(count)s alert fired in 24 hours.", "%(count)s alerts fired in 24 hours.", fired),
        said("There are more than were counted.") if fired >= MOST_COUNTED else Words(),
        said("%(good)s of %(due)s runs went well.", good=found.succeeded, due=found.due),
        counted("The last run failed.", "The last %(count)s runs failed.", last) if last else Words(),
        said("Did not run, %(why)s", why=reasons_of(found.reasons)) if found.reasons else Words(),
    ]
    return _joined(parts)


def _did_not_run(job: Job, found: DayOfJob) -> Answer:
    why = said("Not one run: %(why)s", why=reasons_of(found.reasons)) if found.reasons else said("It has not been due in 24 hours.")
    return Answer(State.UNKNOWN, detail=why, evidence=_evidence(job), acts=_acts(job, found))


def _evidence(job: Job) -> tuple[Link, ...]:
    return (Link(said("Its runs"), reverse("job_runs", args=[job.name])), Link(said("Its slots"), reverse("job_slots", args=[job.name])))


def _trouble(found: DayOfJob) -> list[Words]:
    failed = counted("%(count)s run failed.", "%(count)s runs failed.", found.failed) if found.failed else Words()
    return [failed, said("Did not run, %(why)s", why=reasons_of(found.reasons)) if found.reasons else Words()]


def _acts(job: Job, found: DayOfJob) -> tuple[Act, ...]:
    """What keeps it from running comes first: “Run now” would only be refused."""
    if found.standing is None:
        return ()
    off = [one.name for one in (found.standing.master, found.standing.switch) if not one.is_on_here]
    return tuple(turn_on(name) for name in off) or (run_now(job),)


def _joined(parts: list[Words]) -> Words:
    return Words("%(all)s", {"all": listed([part for part in parts if part], by=" ")})


def delivered() -> Answer:
    """Alerts that fired and that nobody has heard of: given up, without a destination, or on the way for too long."""
    found = undelivered()
    if not found.total:
        return Answer(State.OK, Figure(0), said("Nobody waits for an alert that has fired."), (Link(said("Alerts"), reverse("alerts")),))
    links = (Link(said("Undelivered alerts"), f"{reverse('alerts')}?undelivered=1"), Link(said("Outbox"), _outbox(found)))
    return Answer(State.FAIL if found.dead else State.WARN, Figure(found.total), _undelivered(found), links, _deliver(found))


def _outbox(found: Undelivered) -> str:
    return f"{reverse('notify')}?topic={found.topic}&state={'dead' if found.dead else 'waiting'}"


def _deliver(found: Undelivered) -> tuple[Act, ...]:
    """What is late is tried again by itself; a person may do so earlier from its page."""
    acts = []
    if found.late:
        acts.append(Act(said("See what waits"), f"{reverse('notify')}?topic={found.topic}&state=waiting", "notify.retry"))
    if found.dead:
        acts.append(Act(said("Try again"), f"{reverse('notify_retry_all')}?topic={found.topic}&state=dead", "notify.retry"))
    if found.without_destination:
        acts.append(Act(said("Add the destination “push”"), reverse("notify_create_destination"), "notify.manage"))
    return tuple(acts)


def _undelivered(found: Undelivered) -> Words:
    parts = [
        counted("%(count)s was given up.", "%(count)s were given up.", found.dead) if found.dead else Words(),
        counted("%(count)s waits for more than 15 minutes.", "%(count)s wait for more than 15 minutes.", found.late) if found.late else Words(),
        counted("%(count)s has no destination.", "%(count)s have no destination.", found.without_destination)
        if found.without_destination
        else Words(),
        said("The longest for %(minutes)s minutes.", minutes=found.minutes) if found.minutes else Words(),
        said("There are more than were counted.") if found.is_capped else Words(),
    ]
    return _joined(parts)
