"""/ops/: Today, and who is on duty."""

from django.urls import path

from review.views import today

urlpatterns = [
    path("", today.today, name="today"),
]
