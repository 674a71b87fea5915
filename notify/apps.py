from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "notify"
    verbose_name = _("Outbox")

    def ready(self) -> None:
        from accounts.mail import set_carrier
        from audit import registry
        from notify import channels, frame, needs, review_lines, seals
        from notify.action_types import NotifyAction
        from notify.channels import email, webhook
        from notify.mail import carry

        channels.register(webhook.CHANNEL)
        channels.register(email.CHANNEL)
        registry.register(NotifyAction, routine=[NotifyAction.PURGE_SENT_MESSAGES, NotifyAction.PURGE_DEAD_MESSAGES])
        registry.register_entity("message", _("message"), lambda entity_id: reverse("notify_message", args=[entity_id]))
        registry.register_entity("destination", _("destination"), lambda entity_id: reverse("notify_destination", args=[entity_id]))
        frame.register()
        needs.register()
        review_lines.register()
        set_carrier(carry)
        registry.register_seal_listener(seals.carry)
