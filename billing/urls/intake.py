"""/api/webhooks/: where the providers send to."""

from django.urls import path

from billing.views import intake

urlpatterns = [
    path("stripe", intake.stripe, name="webhook_stripe"),
    path("mercadopago", intake.mercadopago, name="webhook_mercadopago"),
]
