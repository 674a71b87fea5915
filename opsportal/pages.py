"""Routes of the frame itself: Today, the status bar, the style page."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
