"""/ops/billing/providers/: whether the providers answer us."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
