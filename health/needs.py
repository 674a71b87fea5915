"""What of probes and pings needs a person now, and the feed's load time on Today."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from health import probe_words, review_lines
from health.frame import pings_down_of, probes_of
from health.models import Standing
from health.queries.probe import Figures, figures_of, is_silent
from health.state import standing
from health.words import reason
from opsportal import clock, needs
from opsportal.lines import Act, State
from opsportal.needs import Gauge, Need
from opsportal.words import Figure, said

MOST_PINGS = 5


def probes(request: HttpRequest) -> Iterable[Need]:
    """Down, or silent. Those that are paused are left out: a person said so, with a reason."""
    if not request.user.has_perm("health.view"):
        return
    now = clock.now()
    for probe in probes_of(request):
        if probe.paused_at is not None:
            continue
        # The one on the product's feed is the product's core; of others nobody knows what they watch.
        harm = needs.STANDSTILL if probe.watches_feed or probe.state == Standing.DOWN else needs.TRUST
        url = reverse("health_probe", args=[probe.pk])
        run = Act(said("Run now"), reverse("health_probe_run", args=[probe.pk]), "health.manage_probes", is_post=True)
        if is_silent(probe, now):
            silent = probe_words.silent(probe) if probe.last_at else probe_words.explain(probe)
            yield Need(harm, State.UNKNOWN, _("Nobody knows whether “%(name)s” is up") % {"name": probe.name}, silent, url, run, probe.last_at)
        elif probe.state == Standing.DOWN:
            why = probe_words.why(probe.last_fault, probe.last_facts).capitalize()
            yield Need(harm, State.FAIL, _("“%(name)s” is down") % {"name": probe.name}, f"{why}.", url, run, probe.state_at)


def pings(request: HttpRequest) -> Iterable[Need]:
    if not request.user.has_perm("health.view"):
        return
    now = clock.now()
    for ping in pings_down_of(request)[:MOST_PINGS]:
        at = standing(ping, now)
        why = reason(at.why, at.exit_status).capitalize()
        yield Need(
            needs.WAITING,
            State.FAIL,
            _("“%(name)s” is down") % {"name": ping.name},
            f"{why}.",
            reverse("health_ping", args=[ping.pk]),
            since=at.since,
        )


def feed(request: HttpRequest) -> Gauge | None:
    """The same figure and the same judgment as the review's line."""
    if not request.user.has_perm("health.view"):
        return None
    label, limit = _("Feed load, p95"), _("under 2 s")
    probe = next((probe for probe in probes_of(request) if probe.watches_feed), None)
    if probe is None:
        return Gauge(label, Figure(), State.UNKNOWN, limit, reverse("health_probes"), line=review_lines.KEY, small=_("no probe watches it"))
    figures = figures_of([probe.pk]).get(probe.pk, Figures())
    state, _detail = review_lines.judge(probe, figures)
    return Gauge(label, review_lines.figure_of(figures), state, limit, reverse("health_probe", args=[probe.pk]), line=review_lines.KEY)


def register() -> None:
    needs.register_needs(probes)
    needs.register_needs(pings)
    needs.register_gauge(feed, order=35)
