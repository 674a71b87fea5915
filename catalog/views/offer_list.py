from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog.forms.filters import OfferFilter
from catalog.models import Product
from catalog.queries.effective import with_shown
from catalog.queries.offer import find_offers
from catalog.queries.risk import frozen
from catalog.views.drawing import flag_chips, flags_of
from opsportal.access import requires
from opsportal.keyset import page_of

FLAGS = {
    "held": _("Held price"), "stale": _("Not confirmed for 48 h"), "unconfirmed": _("Never confirmed"), "failing": _("Failing"),
    "overridden": _("Overridden"), "out_of_stock": _("Out of stock"), "alerting": _("With price alerts"), "archived": _("Archived"),
}  # fmt: skip


@require_safe
@requires("catalog.view")
def offers(request: HttpRequest) -> HttpResponse:
    form, flags = OfferFilter(request.GET), flags_of(request, FLAGS)
    wanted = form.wanted(flags)
    found, order = find_offers(wanted)
    page = page_of(with_shown(found), request.GET.get("cursor", ""), fields=order)
    product = Product.objects.filter(pk=wanted.product).first() if wanted.product else None
    context = {
        "filter": form, "flags": flags, "chips": flag_chips(request, FLAGS), "page": page, "product": product,
        "frozen": frozen(), "is_filtered": bool(flags or any(form.cleaned_data.values())),
    }  # fmt: skip
    return render(request, "catalog/offer_list.html", context)
