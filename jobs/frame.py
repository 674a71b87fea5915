"""What the jobs show around every page: their line in the navigation, hits of the search. The fact is the switches'."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jobs import queries, registry
from jobs.models import Run
from opsportal import frame, search

# What is going on, and how the run before it ended.
NEWEST = 3
# The largest id that PostgreSQL has.
LARGEST = 2**63 - 1


def desk_of(request: HttpRequest) -> queries.Desk:
    """Read once a request, each job with its newest runs only."""
    if not hasattr(request, "_jobs_desk"):
        request._jobs_desk = queries.desk(NEWEST)  # type: ignore[attr-defined]
    return request._jobs_desk  # type: ignore[attr-defined, no-any-return]


def _waiting(request: HttpRequest) -> int:
    """One query, or none where the page has read the desk."""
    if hasattr(request, "_jobs_desk"):
        return sum(1 for view in desk_of(request).jobs if view.items.given_up or view.is_tripped)
    return queries.need_a_person()


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
    search.register_search(hits)
