"""What billing shows around every page: its line of the navigation, the mismatches, hits of the search."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit import registry
from billing.models import Checkout, Payment
from billing.queries import desk
from billing.queries.checkout import Wanted, find_checkouts
from billing.tiles import bounded, page
from opsportal import clock, frame, relative, search


def standing_of(request: HttpRequest) -> desk.Standing:
    """Read once a request."""
    if not hasattr(request, "_billing_standing"):
        request._billing_standing = desk.standing()  # type: ignore[attr-defined]
    return request._billing_standing  # type: ignore[attr-defined, no-any-return]


def fact(request: HttpRequest) -> frame.Fact | None:
    """Never ok on missing data: without a sweep of the last hour nobody knows."""
    if not request.user.has_perm("billing.view"):
        return None
    standing = standing_of(request)
    label, url = _("Mismatches"), page("billing_findings") or page("billing", query="?findings=1")
    if not standing.is_known:
        return frame.Fact(label, _unknown(standing), "unknown", url)
    if standing.mismatches:
        return frame.Fact(label, bounded(standing.mismatches), "warn", url)
    return frame.Fact(label, _("none"), "ok", url)


def _unknown(standing: desk.Standing) -> str:
    if standing.swept_at is None:
        return _("never looked")
    return _("looked %(when)s") % {"when": relative.words(standing.swept_at, clock.now())}


def checkouts(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    """By an id, the customer's key, an email or an amount; a customer's newest checkout stands for the customer."""
    if request.user.has_perm("billing.view"):
        for found in find_checkouts(Wanted(text=text)).order_by("-created_at", "-pk")[: search.MOST_HITS]:
            who = found.customer_key or found.email
            yield search.Hit(
                f"{found}, {who}" if who else str(found), gettext_lazy("Checkout"), reverse("billing_checkout", args=[found.checkout_id])
            )


def payments(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    """By the provider's id, whole. One without a checkout of ours leads to the findings."""
    if request.user.has_perm("billing.view"):
        for payment in Payment.objects.select_related("checkout").filter(payment_id=text)[: search.MOST_HITS]:
            yield search.Hit(f"{payment}, {payment.get_provider_display()}", gettext_lazy("Payment"), url_of(payment.checkout))


def customers(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    if request.user.has_perm("billing.view") and (count := Checkout.objects.filter(customer_key=text).exclude(customer_key="")[:100].count()):
        words = ngettext("%(who)s, %(n)d checkout", "%(who)s, %(n)d checkouts", count) % {"who": text, "n": count}
        yield search.Hit(words, gettext_lazy("Customer"), find(text))


def url_of(checkout: Checkout | None) -> str:
    return reverse("billing_checkout", args=[checkout.checkout_id]) if checkout else page("billing_findings") or reverse("billing")


def _waiting(request: HttpRequest) -> int:
    return standing_of(request).waiting


def find(text: str) -> str:
    """The desk, looking for that."""
    return f"{reverse('billing')}?{urlencode({'q': text})}"


def register() -> None:
    registry.register_entity("checkout", gettext_lazy("checkout"), lambda entity_id: reverse("billing_checkout", args=[entity_id]))
    registry.register_entity("payment", gettext_lazy("payment"), find)
    registry.register_entity("customer", gettext_lazy("customer"), find)
    registry.register_entity("plan", gettext_lazy("plan"), lambda entity_id: page("billing_plans"))
    registry.register_entity("finding", gettext_lazy("finding"), lambda entity_id: page("billing_findings"))
    item = frame.NavItem(
        gettext_lazy("Billing"), "billing", "billing", "billing.view", group="support", order=30, prefix="/ops/billing/", count=_waiting
    )
    frame.register_nav(item)
    frame.register_fact(fact, order=40)
    for source in (checkouts, payments, customers):
        search.register_search(source)
