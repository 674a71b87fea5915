"""The line of the reviews about the product's feed: does it load fast enough?"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from health.models import Probe, Standing
from health.queries.probe import Figures, figures_of, is_silent, watching
from opsportal import clock
from opsportal.lines import EVENING, MORNING, Act, Answer, Line, Link, State, register_line
from opsportal.words import SECONDS, Figure, Words, said

KEY = "feed-load"
# The beta manual's: the feed loads within two seconds.
LIMIT_MS, LEAST_PERCENT = 2000, 99.0


def register() -> None:
    register_line(
        Line(
            KEY,
            "feed",
            _("Feed loads fast enough"),
            _("under 2 s"),
            loads,
            "health.view",
            reviews=(MORNING, EVENING),
            order=10,
            limit=LIMIT_MS / 1000,
        )
    )


def loads() -> Answer:
    """The p95 of the last 24 hours of the probe that watches the feed, in seconds."""
    probe = watching()
    if probe is None:
        add = Act(said("Add a probe"), reverse("health_probe_create"), "health.manage_probes")
        return Answer(
            State.UNKNOWN,
            detail=said("No probe watches the product's feed."),
            evidence=(Link(said("Probes"), reverse("health_probes")),),
            acts=(add,),
        )
    figures = figures_of([probe.pk]).get(probe.pk, Figures())
    state, detail = judge(probe, figures)
    return Answer(state, figure_of(figures), detail, (Link(Words.plain(probe.name), reverse("health_probe", args=[probe.pk])),), (_act(probe),))


def figure_of(figures: Figures) -> Figure:
    return Figure(None if figures.p95_ms is None else round(figures.p95_ms / 1000, 2), SECONDS)


def judge(probe: Probe, figures: Figures) -> tuple[State, Words]:
    """How it stands, and why in a sentence. Nothing is green that nobody looked at."""
    if probe.paused_at is not None:
        return State.UNKNOWN, said("“%(probe)s” is paused by %(who)s: %(why)s", probe=probe.name, who=probe.paused_by, why=probe.pause_reason)
    if is_silent(probe, clock.now()):
        return State.UNKNOWN, said("“%(probe)s” has no result of its last three looks.", probe=probe.name)
    if probe.state == Standing.DOWN:
        return State.FAIL, said("“%(probe)s” is down.", probe=probe.name)
    if figures.p95_ms is None or figures.availability is None:
        return State.UNKNOWN, said("No look at “%(probe)s” went well in 24 hours.", probe=probe.name)
    return _by_figures(figures, figures.p95_ms, figures.availability)


def _by_figures(figures: Figures, p95_ms: float, availability: float) -> tuple[State, Words]:
    available = min(round(availability, 1), 99.9) if figures.ok < figures.count else 100
    if p95_ms >= LIMIT_MS and not _is_of_the_last_hour(figures):
        return State.FAIL, said("19 of 20 looks of 24 hours took up to this long; available %(percent)s %%.", percent=available)
    if p95_ms >= LIMIT_MS or (figures.hour_ms is not None and figures.hour_ms >= LIMIT_MS):
        return State.WARN, said(
            "Slow in the last hour: up to %(seconds)s s; available %(percent)s %%.", seconds=_in_seconds(figures.hour_ms), percent=available
        )
    if availability < LEAST_PERCENT:
        return State.WARN, said("Fast, but available only %(percent)s %% of 24 hours.", percent=available)
    return State.OK, said("%(count)s looks in 24 hours; available %(percent)s %%.", count=figures.count, percent=available)


def _is_of_the_last_hour(figures: Figures) -> bool:
    """Whether the 23 hours before were fast: the slowness is new."""
    return figures.before_ms is not None and figures.before_ms < LIMIT_MS


def _in_seconds(milliseconds: float | None) -> float:
    return round((milliseconds or 0) / 1000, 2)


def _act(probe: Probe) -> Act:
    if probe.paused_at is not None:
        return Act(said("Resume the probe"), reverse("health_probe_resume", args=[probe.pk]), "health.manage_probes", is_post=True)
    return Act(said("Run now"), reverse("health_probe_run", args=[probe.pk]), "health.manage_probes", is_post=True)
