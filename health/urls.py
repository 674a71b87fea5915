"""No slash at the end: these are the addresses that probes and jobs are configured with."""

from django.urls import path, re_path

from health.views import changes, key, pings, probe, probe_changes, probes, wire

urlpatterns = [
    path("health", probe.health, name="health"),
    path("health/live", probe.live, name="health_live"),
    path("health/ready", probe.ready, name="health_ready"),
    path("api/status", probe.status, name="api_status"),
    re_path(r"^ping/(?P<address>.*)$", wire.ping, name="ping"),
    path("ops/health/", probes.probes, name="health_probes"),
    path("ops/health/probes/new", probe_changes.create, name="health_probe_create"),
    path("ops/health/probes/<int:probe_id>", probes.probe, name="health_probe"),
    path("ops/health/probes/<int:probe_id>/edit", probe_changes.edit, name="health_probe_edit"),
    path("ops/health/probes/<int:probe_id>/run", probe_changes.run, name="health_probe_run"),
    path("ops/health/probes/<int:probe_id>/pause", probe_changes.pause, name="health_probe_pause"),
    path("ops/health/probes/<int:probe_id>/resume", probe_changes.resume, name="health_probe_resume"),
    path("ops/health/probes/<int:probe_id>/delete", probe_changes.delete, name="health_probe_delete"),
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
