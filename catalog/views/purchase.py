from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.forms.alert import PurchaseFilter
from catalog.outliers import WORDS
from catalog.queries.purchase import ORDER, economy_per_day, find_purchases, totals
from opsportal import clock
from opsportal.access import requires
from opsportal.components import chip
from opsportal.keyset import page_of


@require_safe
@requires("catalog.view")
def purchases(request: HttpRequest) -> HttpResponse:
    form, outliers = PurchaseFilter(request.GET), request.GET.get("outliers") == "1"
    chosen = form.cleaned_data if form.is_valid() else {}
    day, household = chosen.get("day"), chosen.get("household")
    page = page_of(find_purchases(household=household, day=day, only_outliers=outliers), request.GET.get("cursor", ""), fields=ORDER)
    days = economy_per_day()
    context = {
        "filter": form, "page": page, "rows": [(one, [WORDS[why] for why in one.outlier_reasons if why in WORDS]) for one in page.rows],
        "days": [(on, economies) for on, economies in days.items() if economies], "today": days[clock.today()], "totals": totals(days[clock.today()]),
        "chips": [chip(request, _("Outliers"), outliers="1")], "is_filtered": bool(outliers or day or household),
    }  # fmt: skip
    return render(request, "catalog/purchases/purchases.html", context)
