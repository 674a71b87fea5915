from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jobs import registry
from jobs.job import Job
from opsportal.errors import NotFound

View = Callable[..., HttpResponse]


def found(view: View) -> View:
    """A job or a run that is not there is a page that says so and leads back to the jobs."""

    @wraps(view)
    def looked_for(request: HttpRequest, **values: Any) -> HttpResponse:
        try:
            return view(request, **values)
        except NotFound as error:
            return render(request, "jobs/missing.html", {"detail": str(error)}, status=404)

    return looked_for


def get_job(name: str) -> Job:
    """Raises NotFound in words for people."""
    job = registry.find(name)
    if job is None:
        raise NotFound(_("This version of the portal has no job “%(name)s”.") % {"name": name})
    return job
