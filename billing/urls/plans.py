"""/ops/billing/plans/: what customers can have."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
