from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    name = "review"
    verbose_name = _("Reviews")

    def ready(self) -> None:
        from audit import registry
        from jobs import registry as jobs
        from review import frame, needs, sweeping
        from review.action_types import ReviewAction
        from review.jobs.figures import ReviewFigures
        from switches.registry import register_switch

        registry.register(ReviewAction, routine=[ReviewAction.TICK_LINE, ReviewAction.UNTICK_LINE, ReviewAction.PURGE_SAMPLES])
        registry.register_entity("review", _("review"), lambda entity_id: reverse("review", args=entity_id.split("/")))
        registry.register_entity("review_line", _("line of reviews"), lambda entity_id: reverse("review_trend", args=[entity_id]))
        registry.register_entity("shift", _("duty"), lambda entity_id: reverse("duty"))
        registry.register_entity("handover", _("handover note"), lambda entity_id: f"{reverse('duty')}?list=notes")
        frame.register()
        needs.register()
        sweeping.register()
        register_switch(ReviewFigures.switch, ReviewFigures.help, owner="OpsPortal", order=90)
        jobs.register(ReviewFigures())
