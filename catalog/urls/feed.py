"""/ops/feed/: the feed, price alerts, purchases."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
