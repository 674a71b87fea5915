from datetime import timedelta

from jobs.models import Run
from jobs.queries.item import open_items
from opsportal import clock

JOB = "verify-audit-log"
# A long log takes several days.
GOOD_FOR = timedelta(days=3)


def audit_checked() -> dict[str, object]:
    """For programs, and for strangers: whether the audit log is as it was sealed, and when the last check came to its end.

    `verdict` is fail while a part that is not stands listed, and unknown where no check has come to its end lately.
    """
    faults = open_items([JOB])[JOB].total
    last = Run.objects.filter(job=JOB, ended_because="all_done", again=None).order_by("-id").only("ended_at").first()
    whole_at = last.ended_at if last else None
    is_fresh = whole_at is not None and clock.now() - whole_at < GOOD_FOR
    return {
        "verdict": "fail" if faults else "ok" if is_fresh else "unknown", "faults": faults, "whole_at": whole_at.isoformat() if whole_at else None,
    }  # fmt: skip
