"""What the jobs show around every page: their line in the navigation, a card on Today, hits of the search. The fact is the switches'."""

from collections.abc import Iterable
from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jobs import queries, registry
from jobs.models import Run
from opsportal import clock, frame, search

TROUBLE = ("stuck", "tripped", "failing", "items")
DAY = timedelta(hours=24)
SHOWN = 6
# The largest id that PostgreSQL has.
LARGEST = 2**63 - 1


def _waiting(request: HttpRequest) -> int:
    return queries.need_a_person()


def card(request: HttpRequest) -> frame.Part | None:
    if not request.user.has_perm("jobs.view"):
        return None
    desk = queries.desk()
    troubled = [view for view in desk.jobs if view.state in TROUBLE]
    not_run = queries.not_run_since(clock.now() - DAY)
    return frame.Part("jobs/_card.html", {"troubled": troubled[:SHOWN], "scheduler": desk.scheduler, "not_run": not_run[:SHOWN]})


def hits(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    """Jobs by a part of name or title; a run by its number, with or without “#”."""
    if not request.user.has_perm("jobs.view"):
        return
    wanted = text.casefold()
    for job in registry.all_jobs():
        if wanted in job.name or wanted in str(job.title).casefold():
            yield search.Hit(job.title, _("Job"), reverse("job", args=[job.name]))
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and int(number[:20]) <= LARGEST and (run := Run.objects.filter(pk=number).only("job").first()):
        yield search.Hit(str(run), _("Run"), reverse("job_run", args=[run.pk]))


def register() -> None:
    item = frame.NavItem(_("Jobs"), "jobs", "jobs", "jobs.view", group="duty", order=40, prefix="/ops/jobs/", count=_waiting)
    frame.register_nav(item)
    frame.register_card(card, order=25)
    search.register_search(hits)
