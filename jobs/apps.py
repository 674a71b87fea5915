from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        from audit import registry as audit
        from jobs.action_types import JobAction

        audit.register(JobAction)
        post_migrate.connect(make_rows, sender=self)


def make_rows(**kwargs: Any) -> None:
    """A schedule and a lease for every registered job, so that its page has something to show before the first tick."""
    from jobs import registry
    from jobs.engine.standing import ensure_rows

    ensure_rows(registry.all_jobs())
