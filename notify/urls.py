from django.urls import path

from notify.views import destination, message

urlpatterns = [
    path("", message.outbox, name="notify"),
    path("retry/", message.retry_all, name="notify_retry_all"),
    path("messages/<uuid:message_id>/", message.message, name="notify_message"),
    path("messages/<uuid:message_id>/retry/", message.retry, name="notify_retry"),
    path("messages/<uuid:message_id>/aside/", message.set_aside, name="notify_set_aside"),
    path("destinations/", destination.destinations, name="notify_destinations"),
    path("destinations/new/", destination.create, name="notify_create_destination"),
    path("destinations/<int:destination_id>/", destination.destination, name="notify_destination"),
    path("destinations/<int:destination_id>/address/", destination.change_address, name="notify_change_address"),
    path("destinations/<int:destination_id>/off/", destination.turn_off, name="notify_turn_off"),
    path("destinations/<int:destination_id>/on/", destination.turn_on, name="notify_turn_on"),
    path("destinations/<int:destination_id>/test/", destination.test, name="notify_test"),
    path("destinations/<int:destination_id>/rotate/", destination.rotate, name="notify_rotate"),
    path("destinations/<int:destination_id>/secrets/<slug:fingerprint>/end/", destination.end_secret, name="notify_end_secret"),
]
