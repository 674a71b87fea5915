"""Routes of the frame itself: the status bar, search, the style page."""

from django.urls import path

from opsportal import views

urlpatterns = [
    path("", views.root, name="root"),
    path("ops/status-bar", views.status_bar, name="status_bar"),
    path("ops/search", views.find, name="search"),
    path("ops/style", views.style, name="style"),
]
