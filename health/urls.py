"""No slash at the end: these are the addresses that probes are configured with."""

from django.urls import path

from health import views

urlpatterns = [
    path("health", views.health, name="health"),
    path("health/live", views.live, name="health_live"),
    path("health/ready", views.ready, name="health_ready"),
    path("api/status", views.status, name="api_status"),
]
