"""Starting jobs over HTTP, for a cron that runs elsewhere. Shapes and refusals: docs/api.md."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Router, Schema

from jobs import actions, queries, words
from jobs.callers import CronBearer, CronSecretHeader
from jobs.models import Run, State, Trigger
from opsportal.api_schema import problems
from opsportal.masking import scrubbed

router = Router(tags=["jobs"], auth=[CronSecretHeader(), CronBearer("jobs")])


class QueuedOut(Schema):
    run_id: int
    status_url: str


class RunOut(Schema):
    """`state`: queued, running, succeeded, stopped, failed, interrupted, refused. `because` is a code, `detail` the same in words."""

    run_id: int
    job: str
    state: str
    because: str
    detail: str
    started_by: str
    batches: int
    items: int
    failed_items: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    error: str


_START: dict[str, Any] = {"response": {202: QueuedOut, **problems(401, 403, 404, 409, 413, 429, 503)}, "url_name": "call_job"}


@router.get("/jobs/{name}", operation_id="start_job_by_get", summary="Start a job (for a cron that can only GET)", **_START)
@router.post("/jobs/{name}", operation_id="start_job", summary="Start a job", **_START)
def start_job(request: HttpRequest, name: str) -> HttpResponse:
    """202 with the run, which waits for a worker; `status_url` says how it goes. GET does the same as POST.

    409 not_run with `reason`: master_off, switch_off, too_soon (with `until`), already_running · 404 job_unknown with the list of jobs.
    While the broker is away, `waits_for` is “broker”: the run stands in the database and starts when the broker is back.
    """
    _refuse_large_body(request)
    actor = request.auth  # type: ignore[attr-defined]
    run = actions.request_run(actor=actor, job=name, trigger=Trigger.API)
    url = f"{settings.OPS_BASE_URL}{reverse('api:called_run', kwargs={'run_id': run.pk})}"
    answer = {"run_id": run.pk, "status_url": url}
    if Run.objects.filter(pk=run.pk, state=State.QUEUED, sent_at=None).exists():
        answer["waits_for"] = "broker"
    return _uncached(JsonResponse(answer, status=202))


@router.get(
    "/jobs/runs/{int:run_id}", response={200: RunOut, **problems(401, 403, 404, 429, 503)}, url_name="called_run", summary="How a run goes, or went"
)
def job_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """`ended_at` is null until it has ended · 404 run_unknown."""
    run = queries.find_run(run_id)
    facts = {name: getattr(run, name) for name in ("job", "state", "batches", "items", "failed_items", "created_at", "started_at", "ended_at")}
    said = {"because": run.ended_because, "detail": words.ended(run.ended_because), "started_by": run.actor_label, "error": _first_line(run.error)}
    return _uncached(JsonResponse({"run_id": run.pk, **facts, **said}))


def _first_line(error: str) -> str:
    return scrubbed(error.partition("\n")[0][:500])


def _refuse_large_body(request: HttpRequest) -> None:
    """A body means nothing here. Raises RequestDataTooBig for what no other route takes either."""
    _body = request.body


def _uncached(response: HttpResponse) -> HttpResponse:
    """A GET that starts something, or whose answer changes by itself, must never be answered from a cache."""
    response["Cache-Control"] = "no-store"
    return response
