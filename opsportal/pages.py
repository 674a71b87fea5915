"""Routes of the frame itself: Today, the status bar, search, the language, the style page."""

from django.urls import path
from django.views.i18n import set_language

from opsportal import views
from opsportal.access import public

urlpatterns = [
    path("", views.root, name="root"),
    path("ops/", views.today, name="today"),
    path("ops/status-bar", views.status_bar, name="status_bar"),
    path("ops/search", views.find, name="search"),
    path("ops/style", views.style, name="style"),
    path("language/", public(set_language), name="set_language"),
]
