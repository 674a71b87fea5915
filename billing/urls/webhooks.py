"""/ops/billing/webhooks/: what the providers sent."""

from django.urls import path

from billing.views import webhook_event, webhook_list

urlpatterns = [
    path("", webhook_list.webhooks, name="billing_webhooks"),
    path("replay/", webhook_list.replay_many, name="billing_webhook_replay_many"),
    path("refused/", webhook_event.refused, name="billing_webhook_refused"),
    path("refused/<int:failure_id>/", webhook_event.refused_one, name="billing_webhook_refused_one"),
    path("<int:event_id>/", webhook_event.event, name="billing_event"),
    path("<int:event_id>/replay/", webhook_event.replay, name="billing_event_replay"),
    path("<int:event_id>/handle/", webhook_event.handle, name="billing_event_handle"),
]
