"""/ops/offers/: offers, overrides, held prices, risk."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
