"""/api/webhooks/: where the providers send to."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
