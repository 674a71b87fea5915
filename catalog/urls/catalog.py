"""/ops/catalog/: products and stores."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
