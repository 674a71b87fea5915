"""What goes outside when a probe goes down or comes back: to the destination of the outbox that is named "probes", else to "pings"."""

import logging
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from health import probe_words
from health.models import ProbeFlip, Standing
from notify import actions as outbox
from notify.models import Destination
from opsportal.errors import OpsError

DESTINATIONS = ("probes", "pings")
log = logging.getLogger(__name__)


def tell(flip: ProbeFlip, since_down: datetime | None = None) -> None:
    """Owe the message in the caller's transaction, once per flip. Nothing that is wrong with it may cost a result."""
    if flip.after != Standing.DOWN and not (flip.before == Standing.DOWN and flip.after == Standing.UP):
        return
    found = {one.name: one for one in Destination.objects.filter(name__in=DESTINATIONS)}
    destination = next((found[name] for name in DESTINATIONS if name in found), None)
    if destination is None:
        return
    try:
        _enqueue(flip, destination, since_down)
    except OpsError as error:
        log.warning("no message about probe %s: %s", flip.probe_id, error)


def _enqueue(flip: ProbeFlip, destination: Destination, since_down: datetime | None) -> None:
    probe, is_down = flip.probe, flip.after == Standing.DOWN
    topic, key = ("probe.down" if is_down else "probe.up"), f"probe-flip-{flip.pk}"
    url = settings.OPS_BASE_URL + reverse("health_probe", args=[probe.pk])
    why = probe_words.why(flip.fault, flip.facts)
    if destination.channel == "webhook":
        payload = {"event": topic, "probe": probe.pk, "name": probe.name, "at": flip.at, "fault": flip.fault, "why": why, "url": url}
        outbox.enqueue_webhook(destination=destination.name, topic=topic, payload=payload, key=key)
        return
    subject = _("%(name)s is down: %(why)s") % {"name": probe.name, "why": why} if is_down else _("%(name)s is up again") % {"name": probe.name}
    more = probe.description if is_down else probe_words.was_down(since_down, flip.at)
    body = "\n".join(part for part in (subject, more, url) if part)
    outbox.enqueue(channel=destination.channel, destination=destination.name, topic=topic, subject=subject, body=body, key=key)
