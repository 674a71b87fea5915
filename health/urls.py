"""No slash at the end: these are the addresses that probes and jobs are configured with."""

from django.urls import path, re_path

from health.views import changes, key, pings, probe, wire

urlpatterns = [
    path("health", probe.health, name="health"),
    path("health/live", probe.live, name="health_live"),
    path("health/ready", probe.ready, name="health_ready"),
    path("api/status", probe.status, name="api_status"),
    re_path(r"^ping/(?P<address>.*)$", wire.ping, name="ping"),
    path("ops/health/pings", pings.pings, name="health_pings"),
    path("ops/health/pings/new", changes.create, name="health_ping_create"),
    path("ops/health/pings/preview", changes.preview, name="health_ping_preview"),
    path("ops/health/pings/<int:ping_id>", pings.ping, name="health_ping"),
    path("ops/health/pings/<int:ping_id>/events/<int:event_id>", pings.event, name="health_ping_event"),
    path("ops/health/pings/<int:ping_id>/edit", changes.edit, name="health_ping_edit"),
    path("ops/health/pings/<int:ping_id>/pause", changes.pause, name="health_ping_pause"),
    path("ops/health/pings/<int:ping_id>/resume", changes.resume, name="health_ping_resume"),
    path("ops/health/pings/<int:ping_id>/delete", changes.delete, name="health_ping_delete"),
    path("ops/health/ping-keys", key.keys, name="health_ping_keys"),
    path("ops/health/ping-keys/new", key.create, name="health_ping_key_create"),
    path("ops/health/ping-keys/<int:key_id>/revoke", key.revoke, name="health_ping_key_revoke"),
]
