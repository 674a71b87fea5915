from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    name = "review"
    verbose_name = _("Reviews")

    def ready(self) -> None:
        from audit import registry
        from review import frame
        from review.action_types import ReviewAction

        registry.register(ReviewAction, routine=[ReviewAction.TICK_LINE, ReviewAction.UNTICK_LINE, ReviewAction.PURGE_SAMPLES])
        registry.register_entity("review", _("review"), lambda entity_id: reverse("review", args=entity_id.split("/")))
        frame.register()
