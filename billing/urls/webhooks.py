"""/ops/billing/webhooks/ and effects/: what the providers sent."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
