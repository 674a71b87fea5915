from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class BetaConfig(AppConfig):
    name = "beta"
    verbose_name = _("Beta")

    def ready(self) -> None:
        from audit import registry
        from audit.actors import Actor
        from beta import actions, frame, needs, review_lines, support_frame
        from beta.action_types import BetaAction
        from beta.queries import signups
        from beta.reading import signups_paused
        from health.registry import register_status
        from jobs.sweeps import register_sweep
        from switches.registry import register_reading

        act = BetaAction
        of_every_day = [act.RECORD_SUPPORT_MESSAGE, act.ASSIGN_SUPPORT_MESSAGE, act.CLASSIFY_SUPPORT_MESSAGE, act.ANSWER_SUPPORT_MESSAGE]
        registry.register(act, routine=[act.CLAIM_SEAT, act.RELEASE_SEAT, act.PURGE_REFUSALS, act.PURGE_SUPPORT_MESSAGES, *of_every_day])
        register_sweep("old refusals", lambda deadline: actions.purge_refusals(actor=Actor.system("jobs")))
        frame.register()
        needs.register()
        review_lines.register()
        support_frame.register()
        register_status("signups", signups)
        register_reading(
            "BETA_SIGNUPS_PAUSED", description=_("Signups of the beta. Paused: nobody new gets a seat."), owner=_("Operations"), read=signups_paused,
            url_name="beta", permission="beta.view", true_word=_("paused"), false_word=_("open"),
        )  # fmt: skip
        registry.register_entity("program", _("program"), lambda entity_id: reverse("beta"))
        registry.register_entity("household", _("household"), lambda entity_id: reverse("beta_household", args=[entity_id]))
        registry.register_entity("invite", _("invite"), lambda entity_id: reverse("beta_invites"))
