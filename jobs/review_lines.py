"""The lines of the reviews about background jobs. The price tracker's and the alert evaluator's are the catalog's."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.queries import behind_since
from jobs import registry
from jobs.engine.ending import FAILURES_ALLOWED
from jobs.engine.standing import Standing
from jobs.job import Job
from jobs.models import State as RunState
from jobs.own import SealAuditLog
from jobs.queries import audit_checked, day
from jobs.queries.desk import tripped
from jobs.queries.verified import JOB as VERIFIER
from jobs.registry import MASTER
from jobs.words import ENDED, NOT_RUN
from opsportal.lines import EVENING, MORNING, Act, Answer, Line, Link, State, register_line
from opsportal.words import PERCENT, Figure, Words, counted, listed, moment, said

LEAST_PERCENT, WORST_PERCENT = 98.0, 95.0
NAMED = 3
OFF = {"switch_off", "master_off"}


def register() -> None:
    register_line(
        Line("jobs-failing", "jobs", _("No job fails again and again"), _("more than 3 in a row turn its switch off"), failing, "jobs.view",
             reviews=(MORNING, EVENING), order=30, limit=FAILURES_ALLOWED),
        Line("jobs-slots", "jobs", _("Jobs ran when they were due"), _("none missed, 24 hours"), slots, "jobs.view", order=40),
        Line("jobs-reliability", "jobs", _("Job reliability, 24 hours"), _("at least 98 %; fails under 95 %"), reliability, "jobs.view",
             order=50, limit=LEAST_PERCENT),
        Line("audit-verified", "governance", _("The audit log is as it was sealed"), _("checked within 3 days, nothing found"), verified, "audit.view",
             order=30, limit=0),
    )  # fmt: skip


def title(job: Job) -> Words:
    return Words.of_label(job.title)


def title_of(name: str) -> Words:
    """The bare name where this version has no such job any more."""
    job = registry.find(name)
    return title(job) if job else Words.plain(name)


def run_now(job: Job) -> Act:
    return Act(said("Run now"), reverse("job_run_now", args=[job.name]), "jobs.run", is_post=True)


def turn_on(switch: str) -> Act:
    return Act(said("Turn %(switch)s on", switch=switch), reverse("switch_on", args=[switch]), "switches.turn_on")


def turn_off(switch: str) -> Act:
    return Act(said("Turn %(switch)s off", switch=switch), reverse("switch_off", args=[switch]), "switches.turn_off")


def reasons_of(counts: Mapping[str, int]) -> Words:
    """“12: The job's switch is off. 1: No scheduler ran at that time.”, the most first."""
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:NAMED]
    return Words("%(reasons)s", {"reasons": listed([_reason(code, count) for code, count in most], by=" ")})


def _reason(code: str, count: int) -> Words:
    known = NOT_RUN.get(code) or ENDED.get(code)
    return said("%(count)s: %(why)s", count=count, why=Words.of_label(known) if known else Words.plain(code))


def failing() -> Answer:
    """Unknown while no job has ever run."""
    found = day.streaks()
    all_jobs = Link(said("All jobs"), reverse("jobs"))
    if not found.worst:
        state = State.OK if found.ran else State.UNKNOWN
        detail = said("Every job's last runs went well.") if found.ran else said("No job has run yet.")
        return Answer(state, Figure(0) if found.ran else Figure(), detail, (all_jobs,))
    worst = found.worst[0]
    links = [Link(title(worst.job), reverse("job", args=[worst.job.name])), all_jobs]
    if worst.last and worst.last.state == RunState.FAILED:
        links.insert(0, Link(said("Run %(number)s, the error", number=f"#{worst.last.pk}"), reverse("job_run", args=[worst.last.pk])))
    acts = (turn_on(worst.job.switch),) if worst.is_tripped else (run_now(worst.job), turn_off(worst.job.switch))
    return Answer(State.FAIL if worst.is_beyond else State.WARN, Figure(worst.failures), _failing(worst, found.worst[1:]), tuple(links), acts)


def _failing(worst: day.Streak, others: list[day.Streak]) -> Words:
    values = {"job": title(worst.job), "switch": worst.job.switch}
    if worst.is_tripped:
        first = said("%(job)s failed too often, and its switch %(switch)s turned itself off.", **values)
    else:
        first = counted("%(job)s failed in its last run.", "%(job)s failed %(count)s times in a row.", worst.failures, **values)
    error = Words.plain(worst.last.said) if worst.last and worst.last.state == RunState.FAILED and worst.last.said else Words()  # type: ignore[attr-defined]
    if not others:
        return Words("%(all)s", {"all": listed([one for one in (first, error) if one], by=" ")})
    rest = said("Also failing: %(jobs)s.", jobs=listed([title(one.job) for one in others[:NAMED]]))
    return Words("%(all)s", {"all": listed([one for one in (first, error, rest) if one], by=" ")})


def slots() -> Answer:
    """Warns of what nobody wanted: slots that no scheduler made in time, that met the run before, or a switch that turned itself off."""
    found, link = day.day_of_all(), Link(said("All jobs"), reverse("jobs"))
    if found.overdue is not None:
        return Answer(State.FAIL, detail=said("No scheduler has run since %(at)s.", at=moment(found.overdue)), evidence=(link,))
    if not found.slots:
        return Answer(State.UNKNOWN, detail=said("No job has been due in 24 hours."), evidence=(link,))
    if not found.not_run:
        return Answer(State.OK, Figure(0), said("Every job that was due ran."), (link,))
    by_reason, by_job, unwanted = Counter[str](), Counter[str](), 0
    for name, reason, count in found.not_run:
        by_reason[reason] += count
        by_job[name] += count
        unwanted += 0 if _is_expected(found.standings.get(name), reason) else count
    links = [Link(title_of(name), f"{reverse('job_slots', args=[name])}?reason=any") for name, _count in by_job.most_common(NAMED)]
    state = State.WARN if unwanted else State.OK
    return Answer(state, Figure(by_reason.total()), reasons_of(by_reason), (*links, link), _mending(found.standings))


def _is_expected(standing: Standing | None, reason: str) -> bool:
    """A person wanted it so, or had just had the job run: nothing is wrong with it."""
    return reason == "too_soon" or (reason in OFF and not (standing and tripped(standing.switch)))


def _mending(standings: dict[str, Standing]) -> tuple[Act, ...]:
    is_off = any(not one.master.is_on_here for one in standings.values())
    return (turn_on(MASTER),) if is_off else ()


def reliability() -> Answer:
    found, link = day.reliability(), Link(said("All jobs"), reverse("jobs"))
    if found.percent is None:
        return Answer(State.UNKNOWN, detail=said("No job has come to an end in 24 hours."), evidence=(link,))
    worst = sorted(found.failed.items(), key=lambda pair: (-pair[1], pair[0]))[:NAMED]
    links = [Link(title_of(name), f"{reverse('job_runs', args=[name])}?state=failed") for name, _count in worst]
    state = State.OK if found.percent >= LEAST_PERCENT else State.WARN if found.percent >= WORST_PERCENT else State.FAIL
    return Answer(state, Figure(found.percent, PERCENT), _reliable(found, worst), (*links, link))


def _reliable(found: day.Reliability, worst: list[tuple[str, int]]) -> Words:
    over = counted("%(good)s of %(count)s run succeeded.", "%(good)s of %(count)s runs succeeded.", found.over, good=found.succeeded)
    if not worst:
        return over
    named = [said("%(job)s %(count)s", job=title_of(name), count=count) for name, count in worst]
    return said("%(over)s Failed: %(jobs)s.", over=over, jobs=listed(named))


def verified() -> Answer:
    """Here and not in the audit log's own app, because a job checks it."""
    found, behind = audit_checked(), behind_since()
    job = registry.get(VERIFIER)
    links = (Link(said("Seals"), reverse("audit_seals")), Link(title(job), reverse("job", args=[job.name])))
    if found["verdict"] == "unknown":
        return Answer(State.UNKNOWN, detail=said("No check has come to its end in 3 days."), evidence=links, acts=(run_now(job),))
    faults = int(str(found["faults"]))
    if faults:
        detail = counted("%(count)s part is not as it was sealed.", "%(count)s parts are not as they were sealed.", faults)
        items = Link(said("What was found"), reverse("job_items", args=[job.name]))
        return Answer(State.FAIL, Figure(faults), detail, (items, *links), (run_now(job),))
    if behind is not None:
        sealer = registry.get(SealAuditLog.name)
        return Answer(State.WARN, Figure(0), said("Not sealed since %(at)s.", at=moment(behind)), links, (run_now(sealer),))
    whole = moment(datetime.fromisoformat(str(found["whole_at"])))
    return Answer(State.OK, Figure(0), said("The whole log was checked at %(at)s.", at=whole), links)
