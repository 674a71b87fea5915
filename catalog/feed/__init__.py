"""What the feed, the price alerts and the purchases bring to the rest of the portal."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit import registry as audit
from catalog.alert_message import owe_waiting
from catalog.jobs.evaluator import AlertEvaluator
from jobs import registry as jobs
from jobs.sweeps import register_sweep
from opsportal import frame


def register() -> None:
    """Called once, when the app is ready."""
    frame.register_nav(frame.NavItem(_("Feed"), "feed", "today", "catalog.view", group="catalog", order=22, prefix="/ops/feed/"))
    audit.register_entity("alert", _("price alert"), lambda entity_id: reverse("alert", args=[entity_id]))
    audit.register_entity("purchase", _("purchase"), lambda entity_id: reverse("purchases"))
    jobs.register(AlertEvaluator())
    register_sweep("alerts without a destination", lambda deadline: owe_waiting())
