"""The jobs there are. An app registers its own in apps.py."""

import re

from django.core.exceptions import ImproperlyConfigured

from jobs.job import Job
from opsportal.errors import NotFound

MASTER = "ENABLE_JOBS"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_jobs: dict[str, Job] = {}


def register(job: Job) -> None:
    """Raises ImproperlyConfigured for limits that contradict each other, and for a name that is taken or malformed."""
    if not _NAME.fullmatch(job.name) or len(job.name) > 50:
        raise ImproperlyConfigured(f"“{job.name}” is no name for a job: small letters, digits and single hyphens, 50 at most.")
    if job.name in _jobs:
        raise ImproperlyConfigured(f"There are two jobs named “{job.name}”.")
    if not 0 < job.time_guard < job.lease:
        raise ImproperlyConfigured(f"{job.name}: a run must end before its lease does, and its time guard says {job.time_guard} s of {job.lease} s.")
    if job.batch_size < 1 or job.max_batches < 1:
        raise ImproperlyConfigured(f"{job.name}: a run has at least one batch of one item.")
    _jobs[job.name] = job


def unregister(name: str) -> None:
    """For tests."""
    del _jobs[name]


def all_jobs() -> list[Job]:
    """By name."""
    return [_jobs[name] for name in sorted(_jobs)]


def find(name: str) -> Job | None:
    return _jobs.get(name)


def get(name: str) -> Job:
    """Raises NotFound, which lists the jobs there are."""
    job = _jobs.get(name)
    if job is None:
        raise NotFound(f"There is no job “{name}”.", code="job_unknown", jobs=sorted(_jobs))
    return job
