"""/ops/billing/findings/: where the sides disagree."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
