"""What of the jobs needs a person now, and their tile on Today."""

from collections.abc import Callable, Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from jobs.frame import desk_of
from jobs.queries import JobView
from jobs.queries.verified import JOB as VERIFY
from opsportal import needs
from opsportal.lines import Act, State
from opsportal.needs import Gauge, Need
from opsportal.words import Figure, Words

LINE = "jobs-reliability"


def found(request: HttpRequest) -> Iterable[Need]:
    if not request.user.has_perm("jobs.view"):
        return
    desk = desk_of(request)
    if desk.scheduler.overdue is not None:
        act = Act(Words(gettext_noop("See the jobs")), reverse("jobs"), "jobs.view")
        detail = _("No slot has been made since then. Is beat running, and a worker that takes its ticks?")
        yield Need(needs.STANDSTILL, State.FAIL, _("Nothing schedules the jobs"), detail, reverse("jobs"), act, desk.scheduler.overdue)
    for view in desk.jobs:
        said = _SAID.get(view.state)
        if said is not None:
            yield said(view)
        if view.items.given_up:
            yield _items(view)


def _tripped(view: JobView) -> Need:
    switch = view.standing.switch
    act = Act(Words(gettext_noop("Turn it on again")), reverse("switch", args=[view.job.switch]), "switches.turn_on")
    title = _("%(job)s turned itself off") % {"job": view.job.title}
    return Need(needs.STANDSTILL, State.FAIL, title, switch.reason, _page(view), act, switch.since)


def _failing(view: JobView) -> Need:
    count, last = view.standing.failures, view.last
    title = ngettext("%(job)s failed", "%(job)s failed %(n)s times in a row", count) % {"job": view.job.title, "n": count}
    why = str(getattr(last, "said", "")).rstrip(". ") if last else ""
    limit = _("At failure %(n)s its switch turns off.") % {"n": view.failures_allowed + 1}
    detail = f"{why}. {limit}" if why else limit
    run = Act(Words(gettext_noop("Run now")), reverse("job_run_now", args=[view.job.name]), "jobs.run", is_post=True)
    return Need(needs.STANDSTILL, State.FAIL, title, detail, _page(view), run, last.ended_at if last else None)


def _stuck(view: JobView) -> Need:
    title = _("No worker takes %(job)s") % {"job": view.job.title}
    detail = _("Its run was asked for and has not begun. Is a worker running?")
    act = Act(Words(gettext_noop("See the run")), _page(view), "jobs.view")
    return Need(needs.STANDSTILL, State.FAIL, title, detail, _page(view), act, view.active.created_at if view.active else None)


_SAID: dict[str, Callable[[JobView], Need]] = {"tripped": _tripped, "failing": _failing, "stuck": _stuck}


def _items(view: JobView) -> Need:
    """What the check of the audit log gives up on is a part of the log that is not as it was sealed."""
    count, url = view.items.given_up, f"{reverse('job_items', args=[view.job.name])}?state=given_up"
    act = Act(Words(gettext_noop("Look at them")), url, "jobs.view")
    if view.job.name == VERIFY:
        detail = _("A row was changed, removed or added past the portal.")
        return Need(needs.TRUST, State.FAIL, _("The audit log is not as it was sealed"), detail, url, act)
    title = ngettext("%(n)s failed item of %(job)s needs a person", "%(n)s failed items of %(job)s need a person", count)
    detail = _("Five attempts were made, and no more are.")
    return Need(needs.WAITING, State.WARN, title % {"n": count, "job": view.job.title}, detail, url, act)


def _page(view: JobView) -> str:
    return reverse("job", args=[view.job.name])


def reliability(request: HttpRequest) -> Gauge | None:
    """As it was sampled last."""
    if not request.user.has_perm("jobs.view"):
        return None
    return Gauge(_("Job reliability, 24 h"), Figure(), State.UNKNOWN, _("at least 98 %"), reverse("jobs"), line=LINE)


def register() -> None:
    needs.register_needs(found)
    needs.register_gauge(reliability, order=30)
