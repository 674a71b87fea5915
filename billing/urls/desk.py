"""/ops/billing/: checkouts and what became of them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
