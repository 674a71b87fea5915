"""What goes outside when a ping goes down or comes back: to the destination of the outbox that is named "pings", if there is one."""

import logging

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from health.models import PingFlip, Verdict
from health.words import reason
from notify import actions as outbox
from notify.models import Destination
from opsportal.errors import OpsError

DESTINATION = "pings"
log = logging.getLogger(__name__)


def tell(flip: PingFlip) -> None:
    """Owe the message in the caller's transaction, once per flip. Nothing that is wrong with it may cost a ping."""
    if Verdict.DOWN not in (flip.before, flip.after) or flip.after == Verdict.NEW:
        return
    destination = Destination.objects.filter(name=DESTINATION).first()
    if destination is None:
        return
    try:
        _enqueue(flip, destination)
    except OpsError as error:
        log.warning("no message about ping %s: %s", flip.ping_id, error)


def _enqueue(flip: PingFlip, destination: Destination) -> None:
    ping, is_down = flip.ping, flip.after == Verdict.DOWN
    topic, key = ("ping.down" if is_down else "ping.up"), f"ping-flip-{flip.pk}"
    url = settings.OPS_BASE_URL + reverse("health_ping", args=[ping.pk])
    why = reason(flip.why, flip.exit_status)
    if destination.channel == "webhook":
        payload = {"event": topic, "ping": ping.pk, "name": ping.name, "slug": ping.slug, "at": flip.at, "why": flip.why, "exit_status": flip.exit_status, "url": url}  # fmt: skip
        outbox.enqueue_webhook(destination=DESTINATION, topic=topic, payload=payload, key=key)
        return
    subject = (_("%(name)s is down: %(why)s") if is_down else _("%(name)s is up again: %(why)s")) % {"name": ping.name, "why": why}
    body = "\n".join(part for part in (subject, ping.description if is_down else "", url) if part)
    outbox.enqueue(channel=destination.channel, destination=DESTINATION, topic=topic, subject=subject, body=body, key=key)
