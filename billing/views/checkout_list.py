from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from billing.forms.filters import CheckoutFilter
from billing.frame import standing_of
from billing.queries.checkout import ORDER, find_checkouts, findings_by_checkout
from billing.queries.desk import figures
from billing.states import CheckoutState, ProviderName
from billing.tiles import desk_tiles
from opsportal.access import requires
from opsportal.components import Chip, chip
from opsportal.keyset import page_of


@require_safe
@requires("billing.view")
def billing(request: HttpRequest) -> HttpResponse:
    form = CheckoutFilter(request.GET)
    page = page_of(find_checkouts(form.wanted()), request.GET.get("cursor", ""), fields=ORDER)
    findings = findings_by_checkout(page.rows)
    context = {
        "filter": form, "page": page, "lines": [(one, findings.get(one.pk, [])) for one in page.rows], "chips": _chips(request, form),
        "kept": [(name, value) for name, value in form.cleaned_data.items() if value and name != "q"],
        "tiles": desk_tiles(figures(standing_of(request))), "is_filtered": any(form.cleaned_data.values()),
    }  # fmt: skip
    return render(request, "billing/checkout_list.html", context)


def _chips(request: HttpRequest, form: CheckoutFilter) -> list[Chip]:
    states = [chip(request, label, state=value) for value, label in CheckoutState.choices]
    providers = [chip(request, label, provider=value) for value, label in ProviderName.choices]
    plans = [chip(request, name, plan=key) for key, name in form.plans[:6]]
    return [chip(request, _("With open findings"), findings="1"), *states, *providers, *plans]
