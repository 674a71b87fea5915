from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        from accounts.sessions import clear_expired
        from audit import registry as audit
        from jobs import actions, frame, needs, registry, review_lines
        from jobs.action_types import JobAction
        from jobs.own import SYSTEM, SealAuditLog, Sweep, VerifyAuditLog
        from jobs.sweeps import register_sweep
        from notify.actions import purge_dead, purge_sent, requeue_due
        from switches.registry import register_switch

        frame.register()
        needs.register()
        review_lines.register()
        audit.register(JobAction, routine=[JobAction.PURGE_RUNS])
        audit.register_entity("job", _("job"), lambda entity_id: reverse("job", args=[entity_id]))
        audit.register_entity("run", _("run"), lambda entity_id: reverse("job_run", args=[entity_id]))
        for job in (SealAuditLog(), Sweep(), VerifyAuditLog()):
            register_switch(job.switch, job.help, owner="OpsPortal", order=80)
            registry.register(job)
        register_sweep("outbox", lambda deadline: requeue_due())
        register_sweep("sent messages", lambda deadline: purge_sent(actor=SYSTEM))
        register_sweep("dead messages", lambda deadline: purge_dead(actor=SYSTEM))
        register_sweep("expired sessions", lambda deadline: clear_expired())
        register_sweep("old runs", lambda deadline: actions.purge_runs(actor=SYSTEM))
        post_migrate.connect(make_rows, sender=self)


def make_rows(**kwargs: Any) -> None:
    """A schedule and a lease for every registered job, so that its page has something to show before the first tick."""
    from django.db import connection

    from jobs import registry
    from jobs.engine.standing import ensure_rows
    from jobs.models import Lease

    # Also sent while only a part of the migrations has run.
    if Lease._meta.db_table in connection.introspection.table_names():
        ensure_rows(registry.all_jobs())
