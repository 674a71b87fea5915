"""What of billing needs a person now, and its tile on Today: the worst findings first."""

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from billing.frame import standing_of
from billing.models import Finding
from billing.queries.attention import WORST_FIRST
from billing.queries.desk import Standing
from billing.states import FindingKind
from billing.sweeping import JOB, words
from billing.tiles import bounded
from opsportal import clock, needs, relative
from opsportal.lines import Act, State
from opsportal.needs import Gauge, Need
from opsportal.words import Figure, Words

SHOWN = 3
LINE = "money-mismatches"
# Somebody paid, and has not got what they paid for.
HURTS = frozenset({FindingKind.PAID_WITHOUT_PLAN, FindingKind.PAID_TWICE, FindingKind.PAYMENT_WITHOUT_CHECKOUT})
_RANK = Case(*(When(kind=kind, then=Value(rank)) for rank, kind in enumerate(WORST_FIRST)), default=Value(99), output_field=IntegerField())


def found(request: HttpRequest) -> Iterable[Need]:
    """One query; none where the frame already knows that nothing is open."""
    if not request.user.has_perm("billing.view"):
        return
    standing = standing_of(request)
    if not standing.is_known:
        yield _not_looked(standing)
    if standing.mismatches:
        yield from _findings(standing)
    if standing.events:
        title = ngettext("%(n)s webhook event needs a person", "%(n)s webhook events need a person", standing.events)
        detail = _("Every try failed. What it says has not happened here.")
        act = Act(Words(gettext_noop("Look at them")), f"{reverse('billing_webhooks')}?state=person", "billing.view")
        yield Need(needs.WAITING, State.FAIL, title % {"n": bounded(standing.events)}, detail, act.url, act)


def _findings(standing: Standing) -> Iterable[Need]:
    # An event that needs a person is told of by itself.
    rest = Finding.objects.filter(closed_at=None, handled_at=None).exclude(kind=FindingKind.EVENT_NEEDS_PERSON)
    rows = list(rest.select_related("checkout").order_by(_RANK, "since")[:SHOWN])
    yield from (_finding(finding) for finding in rows)
    if (more := standing.findings - len(rows)) > 0 and len(rows) == SHOWN:
        title = ngettext("%(n)s more mismatch of money", "%(n)s more mismatches of money", more) % {"n": bounded(more)}
        url = reverse("billing_findings")
        yield Need(needs.MONEY, State.WARN, title, "", url, Act(Words(gettext_noop("See them all")), url, "billing.view"))


def _finding(finding: Finding) -> Need:
    kind, checkout = FindingKind(finding.kind), finding.checkout
    who = (checkout.customer_key or checkout.email) if checkout else ""
    title = _("%(what)s: %(who)s") % {"what": kind.label, "who": who} if who else str(kind.label)
    label = Words(gettext_noop("Reconcile")) if checkout else Words(gettext_noop("Look at it"))
    url = reverse("billing_checkout", args=[checkout.checkout_id]) if checkout else f"{reverse('billing_findings')}?kind={kind}"
    state = State.FAIL if kind in HURTS else State.WARN
    return Need(needs.MONEY, state, title, words.said(finding), url, Act(label, url, "billing.reconcile"), finding.since)


def _not_looked(standing: Standing) -> Need:
    act = Act(Words(gettext_noop("Look now")), reverse("job_run_now", args=[JOB]), "jobs.run", is_post=True)
    when = _("The sweep has never run.")
    if standing.swept_at is not None:
        when = _("The sweep last came to its end %(when)s.") % {"when": relative.words(standing.swept_at, clock.now())}
    detail = _("%(when)s Whether payments and plans agree is not known.") % {"when": when}
    return Need(needs.MONEY, State.UNKNOWN, _("Nobody has looked for mismatches lately"), detail, reverse("job", args=[JOB]), act, standing.swept_at)


def mismatches(request: HttpRequest) -> Gauge | None:
    if not request.user.has_perm("billing.view"):
        return None
    standing = standing_of(request)
    state = State.FAIL if standing.mismatches else State.OK if standing.is_known else State.UNKNOWN
    figure = Figure(standing.mismatches if standing.is_known or standing.mismatches else None)
    return Gauge(_("Mismatches of money"), figure, state, _("should be 0"), reverse("billing_findings"), line=LINE)


def register() -> None:
    needs.register_needs(found)
    needs.register_gauge(mismatches, order=20)
