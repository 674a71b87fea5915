"""/ops/billing/providers/: whether the providers answer us."""

from django.urls import path

from billing.views import provider

urlpatterns = [
    path("", provider.listing, name="billing_providers"),
    path("<slug:name>/ask/", provider.ask, name="billing_provider_ask"),
]
